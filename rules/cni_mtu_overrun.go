package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var cniMTUOverrun = Rule{
	ID: "cni-mtu-overrun", Layer: LayerCNI, Severity: Warning, Since: "0.1.0",
	Title: "tunnel packets are larger than the underlay carries and leave in fragments",
	Text: "The pods' MTU plus the tunnel's headers exceeds the MTU between the nodes. The outer packets have no Don't " +
		"Fragment, so each full-size packet becomes two fragments: twice the packets, reassembly at the receiver, no offload; " +
		"one lost fragment loses the whole, and a firewall that drops fragments makes it a black hole.",
	Needs:    "tunnel packets that are the first fragment of a larger one",
	Explains: []string{"tcp-loss", "cni-mss-too-big"},
	ToldFrom: []string{
		"GSO: frames larger than the MTU on the sender's interfaces are segmented later and are no fault",
		"cni-df-drop: there the packet is dropped and the sender told",
	},
	NextSteps: []string{
		"ip -d link | grep -e mtu -e vxlan -e geneve   # on both nodes: the tunnel's MTU must be the underlay's less the overhead",
		"nstat -az IpFragCreates IpReasmOKs IpReasmFails   # on both nodes: how many, and do any fail?",
		"set the CNI's MTU (flannel: net-conf.json Backend.MTU; Calico: veth_mtu) and restart the pods, or raise the underlay's MTU",
	},
	Sources: []string{"RFC 7348, section 4.3", "RFC 8926, section 4.4.1"},
	judge:   judgeMTUOverrun,
}

func judgeMTUOverrun(r *Rule, s *scene) []Finding {
	var list []Finding
	done := map[[2]netip.Addr]bool{}
	for i := range s.Tunnels {
		t := &s.Tunnels[i]
		pair := pairOf(t.Src, t.Dst)
		if t.Fragments == 0 || done[pair] {
			continue
		}
		done[pair] = true
		c, explained := cause{key: pair[0].String() + pair[1].String()}, false
		for _, x := range index(s, newTunnelled)[pair] {
			c.hits = append(c.hits, hit{x, &x.Examples[0], placeOf(&x.Examples[0])})
			explained = explained || s.explained[r.ID][x]
		}
		if explained {
			continue // what becomes of the fragments is the worse part of it
		}
		f := tunnelFinding(r, &c, t)
		f.Title = fmt.Sprintf("%s packets from %s to %s leave in fragments", t.Kind, t.Src, t.Dst)
		f.Explanation = fmt.Sprintf("Inner packets of up to %d bytes plus the tunnel's headers exceed the underlay's MTU (the first "+
			"fragments have %d bytes): %s.", t.MaxInner, t.MTU, count(t.Fragments, "tunnel packet was fragmented", "tunnel packets were fragmented"))
		if t.MaxInner == 0 {
			f.Explanation = fmt.Sprintf("Tunnel packets exceed the underlay's MTU (first fragments have %d bytes): %s. What is inside "+
				"can't be read.", t.MTU, count(t.Fragments, "tunnel packet was fragmented", "tunnel packets were fragmented"))
		}
		f.Because = []string{fmt.Sprintf("the outer IP header says More Fragments on %d tunnel packets from %s", t.Fragments, t.Src)}
		f.Count = t.Fragments
		list = append(list, f.fill())
	}
	return list
}

// tunnelled has the ways of TCP whose first example goes through a tunnel, by the pair of nodes between which that is.
type tunnelled map[[2]netip.Addr][]*fact.Reach

func newTunnelled(s *scene) tunnelled {
	m := tunnelled{}
	for i := range s.Reach {
		x := &s.Reach[i]
		if len(x.Examples) == 0 || x.Proto != fact.TCP {
			continue
		}
		if ends := tunnelEnds(&x.Examples[0]); ends != nil {
			enter(m, pairOf(ends[0], ends[1]), x)
		}
	}
	return m
}
