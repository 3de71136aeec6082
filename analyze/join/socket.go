package join

import (
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// nsockets is how many clients' sockets are remembered; a power of two. One takes the place of another in the same slot.
const nsockets = 1 << 13

// sockets remember when a client's socket was last used, by the hash of the connection's first leg.
type sockets [nsockets]struct {
	place uint64
	last  int64
}

// slot chooses a place in a table for a tuple: the same in every run, so that what gives way to what does not depend on the hashes' seed.
func slot(t *sight.Tuple) uint64 {
	const odd = 0x9e3779b97f4a7c15 // Fibonacci hashing
	h := (t.A.Lo ^ t.A.Hi) * odd
	h = (h ^ t.B.Lo ^ t.B.Hi) * odd
	h = (h ^ uint64(t.APort)<<16 ^ uint64(t.BPort)) * odd
	return h >> 32
}

func (s *sockets) put(t *sight.Tuple, place uint64, last int64) {
	x := &s[slot(t)%nsockets]
	x.place, x.last = place, last
}

// last returns when a socket was last used, 0 where that is not known.
func (s *sockets) last(t *sight.Tuple, place uint64) int64 {
	if x := &s[slot(t)%nsockets]; x.place == place {
		return x.last
	}
	return 0
}

// timeWait is how long a socket that closed may be known to the hosts on its way: conntrack keeps it for two minutes, IPVS as well
// (nf_conntrack_tcp_timeout_time_wait; net/netfilter/ipvs/ip_vs_proto_tcp.c, tcp_timeouts).
const timeWait = 120e9

// uses notes that a connection's client uses a socket again; before is when an earlier connection was last seen that is still followed.
func (j *Joiner) uses(id life.ID, p *decode.Packet, l *sight.Lead, before int64) {
	t, _ := sight.TupleOf(p)
	before = max(before, j.sockets.last(&t, l.Place()))
	if c := j.conn(id); before != 0 && c.Start-before < timeWait {
		j.reused[id] = before
	}
}
