package join

import "github.com/netsift/netsift/analyze/sight"

// nsockets is how many clients' sockets are remembered; a power of two. One takes the place of another with the same lower bits.
const nsockets = 1 << 13

// sockets remember when a client's socket was last used, by the hash of the connection's first leg.
type sockets [nsockets]struct {
	place uint64
	last  int64
}

func (s *sockets) put(place uint64, last int64) {
	x := &s[place%nsockets]
	x.place, x.last = place, last
}

// last returns when a socket was last used, 0 where that is not known.
func (s *sockets) last(place uint64) int64 {
	if x := &s[place%nsockets]; x.place == place {
		return x.last
	}
	return 0
}

// timeWait is how long a socket that closed may be known to the hosts on its way: conntrack keeps it for two minutes, IPVS as well
// (nf_conntrack_tcp_timeout_time_wait; net/netfilter/ipvs/ip_vs_proto_tcp.c, tcp_timeouts).
const timeWait = 120e9

// uses notes that a connection's client uses a socket again; before is when an earlier connection was last seen that is still followed.
func (j *Joiner) uses(id connID, l *sight.Lead, before int64) {
	before = max(before, j.sockets.last(l.Place()))
	if c := j.conn(id); before != 0 && c.start-before < timeWait {
		j.reused[id] = before
	}
}
