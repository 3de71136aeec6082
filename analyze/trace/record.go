package trace

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

const (
	// maxSightings bounds the sightings kept of a connection, by default; maxPlaces bounds the views.
	maxSightings, maxPlaces = 1 << 18, 128
	// keyed is how much payload of a datagram goes into its key, in bytes.
	keyed = 16
)

// Recorder keeps the sightings of a connection.
type Recorder struct {
	// Max is how many sightings are kept at most, at 80 bytes each.
	Max    int
	places []place
	list   []sighting
	unkept uint64
	// until is the time of the first sighting that was not kept.
	until int64
	mixed bool
}

// NewRecorder returns an empty Recorder.
func NewRecorder() *Recorder { return &Recorder{Max: maxSightings} }

// placeKey tells views apart. It has no addresses, so that packets that escape translation show at the same hop.
type placeKey struct {
	mac       uint64
	iface     uint32
	tunnel    decode.StackID
	node      uint16
	capture   uint16 // only where interface indexes are those of the file and not of the kernel
	hardware  uint16
	direction decode.Direction
	flow      fact.Direction
	// apart is set where a capture does not tell its interfaces apart: different addresses are different interfaces then.
	apart ends
}

// ends are the addresses of a packet.
type ends struct{ src, dst netip.AddrPort }

// place is a view of one direction's packets.
type place struct {
	placeKey
	file   int // index of the capture
	encaps []fact.Encap
	first  int64
	frames uint64
	loops  uint64
	ref    fact.Ref
	// ends counts packets by their addresses, ttls by TTL; resets do so for RSTs, which others may send.
	ends         map[ends]int
	ttls, resets map[uint8]int
}

// sighting is a packet in a view.
type sighting struct {
	time       int64
	frame      uint64
	place      int32
	file       uint16
	key        uint32
	seq, end   uint32
	ack        uint32
	stamp      uint32
	ipID       uint32
	ipLen      uint32
	outer      uint32
	flags      wire.TCPFlags
	tcp, v4    bool
	hasStamp   bool
	resent     bool
	cut        bool // so little was captured that the key is not that of other sightings
	sequential bool // occupies sequence space
	rst        bool
}

// See takes a sighting, as a callback of the joiner.
func (r *Recorder) See(s *join.Sighting) {
	if s.Further {
		return // a circle has been seen by then
	}
	p := s.Packet
	if len(r.list) >= r.Max {
		r.leave(p.Time)
		return
	}
	at := r.place(s)
	if at < 0 {
		r.leave(p.Time)
		return
	}
	v := &r.places[at]
	v.frames++
	if s.Repeat == sight.Loop {
		v.loops++
		return
	}
	e := endsOf(p)
	if len(v.ends) < maxPlaces {
		v.ends[e]++
	}
	x := sighting{
		time: p.Time, frame: p.Frame, file: s.Origin.Capture, place: int32(at), key: s.Key, ipLen: p.IPLen, outer: p.OuterIPLen,
		v4: p.Network == decode.NetIPv4, ipID: p.IPID, resent: s.Repeat == sight.Resend || s.Repeat == sight.Refill,
	}
	if p.Has&decode.HasTCP != 0 {
		x.tcp, x.seq, x.end, x.ack, x.flags = true, p.Seq, p.Seq+p.PayloadLen, p.Ack, p.Flags
		x.hasStamp, x.stamp = p.Has&decode.HasTimestamps != 0, p.TSVal
		if p.Flags&wire.SYN != 0 {
			x.end++
		}
		if p.Flags&wire.FIN != 0 {
			x.end++
		}
		x.sequential = x.end != x.seq
		x.rst = p.Flags&wire.RST != 0
	} else {
		x.end, x.cut = p.PayloadLen, p.Proto == wire.ProtoTCP || p.PayloadCap < min(p.PayloadLen, keyed)
	}
	if x.rst {
		v.resets[p.TTL]++
	} else {
		v.ttls[p.TTL]++
	}
	r.list = append(r.list, x)
}

// leave counts a sighting that is not kept.
func (r *Recorder) leave(time int64) {
	if r.unkept == 0 {
		r.until = time
	}
	r.unkept++
}

func endsOf(p *decode.Packet) ends {
	return ends{netip.AddrPortFrom(p.Src.Netip(), p.SrcPort), netip.AddrPortFrom(p.Dst.Netip(), p.DstPort)}
}

func (r *Recorder) place(s *join.Sighting) int {
	p := s.Packet
	k := placeKey{
		iface: p.Interface, tunnel: s.Tunnel, node: s.Origin.Node, hardware: p.Hardware, direction: p.Direction, flow: s.Flow,
	}
	if s.Origin.Mixed || p.Hardware == 0 {
		k.capture = s.Origin.Capture
	}
	if s.Origin.Mixed {
		k.mac, k.apart, r.mixed = p.MAC, endsOf(p), true
	}
	for i := range r.places {
		if r.places[i].placeKey == k {
			return i
		}
	}
	if len(r.places) == maxPlaces {
		return -1
	}
	v := place{
		placeKey: k, file: int(s.Origin.Capture), first: p.Time, ref: fact.Ref{Capture: int(s.Origin.Capture), Frame: p.Frame},
		ends: map[ends]int{}, ttls: map[uint8]int{}, resets: map[uint8]int{},
	}
	for _, e := range s.Encaps {
		v.encaps = append(v.encaps, fact.Encap{Kind: e.Kind, VNI: e.VNI, Src: e.Src.Netip(), Dst: e.Dst.Netip(), Port: e.Port})
	}
	if len(v.encaps) > 0 {
		v.encaps[0].Overhead = p.OuterIPLen - p.IPLen
	}
	r.places = append(r.places, v)
	return len(r.places) - 1
}

// ttl returns the TTL that most packets had.
func (v *place) ttl() uint8 {
	best, most := uint8(0), 0
	ttls := v.ttls
	if len(ttls) == 0 {
		ttls = v.resets
	}
	for ttl, n := range ttls {
		if n > most || n == most && ttl > best {
			best, most = ttl, n
		}
	}
	return best
}

// usual returns the addresses that most packets had, and the others' number and one of them.
func (v *place) usual() (most ends, others int, other ends) {
	n := -1
	better := func(a, b ends) bool {
		c := a.src.Compare(b.src)
		return c < 0 || c == 0 && a.dst.Compare(b.dst) < 0
	}
	for e, k := range v.ends {
		if k > n || k == n && better(e, most) {
			most, n = e, k
		}
	}
	k := 0
	for e, c := range v.ends {
		if e == most {
			continue
		}
		if others += c; c > k || c == k && better(e, other) {
			other, k = e, c
		}
	}
	return most, others, other
}
