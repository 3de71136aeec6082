package rules

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// ipHeader returns the length of the IP header before a packet of an address's family, in bytes.
func ipHeader(a netip.Addr) uint32 {
	if a.Is4() {
		return 20
	}
	return 40
}

// segmentPacket returns the length of the IP packet that a full segment makes. Options count as part of the segment (RFC 6691).
func segmentPacket(mss uint16, a netip.Addr) uint32 {
	const tcpHeader = 20
	return uint32(mss) + ipHeader(a) + tcpHeader
}

// underlay is what is known of the network that carries the tunnels.
type underlay struct {
	// ends are the nodes between which there are tunnels.
	ends map[netip.Addr]bool
	// mss is the largest segment that a node announced itself to another one outside of tunnels, mtu what a dump of its links says of its
	// uplink, in bytes.
	mss map[netip.Addr]uint16
	mtu map[netip.Addr]uint32
}

// underlay returns what the nodes' own connections say of the network between them. To places outside a route may have a smaller MTU of its own.
func (s *scene) underlay() underlay {
	u := underlay{ends: map[netip.Addr]bool{}, mss: map[netip.Addr]uint16{}, mtu: map[netip.Addr]uint32{}}
	for i := range s.Tunnels {
		u.ends[s.Tunnels[i].Src], u.ends[s.Tunnels[i].Dst] = true, true
	}
	for i := range s.Reach {
		x := &s.Reach[i]
		ends := [2]netip.Addr{x.Client, x.Called.Addr()}
		for d, a := range ends {
			peer := ends[1-d]
			if x.OwnMSS[d] > 0 && u.ends[a] && (u.ends[peer] || s.Role(peer) == fact.RoleNode) {
				u.mss[a] = max(u.mss[a], x.OwnMSS[d])
			}
		}
	}
	uplinks := map[string]uint32{}
	for i := range s.Interfaces {
		if face := &s.Interfaces[i]; face.Role.Kind == fact.Uplink {
			node := s.Captures[face.Capture].Node
			uplinks[node] = max(uplinks[node], face.MTU)
		}
	}
	for a := range u.ends {
		if x := s.Address(a); x != nil && uplinks[x.Node] > 0 {
			u.mtu[a] = uplinks[x.Node]
		}
	}
	return u
}

// width is how long a packet may be between two nodes, and how that is known.
type width struct {
	mtu uint32
	// by is the node whose MSS or uplink says so, mss the MSS; from is who sent an ICMP error that does, zero if none did.
	by, from netip.Addr
	mss      uint16
}

// between returns how long packets of a tunnel may be, from the lesser of its two ends and from ICMP errors about them; false if nothing says so.
func (u *underlay) between(t *fact.Tunnel) (width, bool) {
	w := width{}
	for _, a := range []netip.Addr{t.Src, t.Dst} {
		mtu, mss := u.mtu[a], u.mss[a]
		if mtu == 0 && mss > 0 {
			mtu = segmentPacket(mss, a)
		}
		if mtu > 0 && (w.mtu == 0 || mtu < w.mtu) {
			w = width{mtu: mtu, by: a, mss: mss}
		}
	}
	for i := range t.Errors {
		if e := &t.Errors[i]; e.TooBig() && e.MTU > 0 && (w.mtu == 0 || e.MTU < w.mtu) {
			w = width{mtu: e.MTU, from: e.Src}
		}
	}
	return w, w.mtu > 0
}
