package join

// slabSize is how many connections a piece of the slab holds. In pieces it grows without being copied, and pointers into it
// stay valid.
const slabSize = 1 << 10

// slab holds connections by their ids.
type slab struct {
	pieces []*[slabSize]conn
	n      int
	free   connID // threaded through conn.newer
}

// add returns the id of an unused connection.
func (s *slab) add() connID {
	if id := s.free; id != 0 {
		s.free = s.at(id).newer
		return id
	}
	s.n++ // the first id is 1: 0 is none
	if s.n >= len(s.pieces)*slabSize {
		s.pieces = append(s.pieces, new([slabSize]conn))
	}
	return connID(s.n)
}

// at returns the connection with an id.
func (s *slab) at(id connID) *conn { return &s.pieces[id/slabSize][id%slabSize] }

// remove makes an id unused.
func (s *slab) remove(id connID) {
	*s.at(id) = conn{newer: s.free}
	s.free = id
}
