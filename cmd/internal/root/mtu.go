package root

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"

	"github.com/netsift/netsift/analyze/cluster"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/analyze/snapshot/dump"
)

// side is what dumps say of the links that packets take on one node. An MTU is 0 where it is not known.
type side struct {
	node string
	dump *dump.Dump
	// pod is the link of the pod, or the one of all pods' with the largest MTU; own says that it is the pod's.
	pod, tunnel, uplink cluster.Link
	own                 bool
}

// mtuConfig tells that pods were made with a larger MTU than the way between their nodes carries.
func mtuConfig(a *asked, told *fact.Root) *fact.Root {
	c := a.finding.Example
	if told != nil || c == nil {
		return told
	}
	over, kind := uint32(0), ""
	for i := range c.Legs {
		if e := c.Legs[i].Encap; len(e) > 0 {
			over, kind = e[0].Overhead, e[0].Kind.String()
			break
		}
	}
	ends := []netip.Addr{a.finding.Client, a.finding.Backend.Addr()}
	if !ends[1].IsValid() {
		ends[1] = c.Destination.Addr()
	}
	var sides []side
	sender := a.sender()
	room := uint32(math.MaxUint32)
	for _, x := range ends {
		s := a.side(a.placeOf(x), x, kind)
		if s == nil {
			continue
		}
		if s.uplink.MTU > over {
			room = min(room, s.uplink.MTU-over)
		}
		if s.tunnel.MTU != 0 && (sender == "" || s.node == sender) { // whoever unpacks does not ask for its own tunnel's
			room = min(room, s.tunnel.MTU)
		}
		sides = append(sides, *s)
	}
	// What packets show to be lost, or told to be too long, has to be longer than what the links carry: else it is another place that is narrow.
	if room == math.MaxUint32 || len(sides) == 2 && sides[0].node == sides[1].node || a.narrower(room, over) {
		return nil
	}
	i := slices.IndexFunc(sides, func(s side) bool { return s.pod.MTU > room && (sender == "" || s.node == sender) })
	if i < 0 {
		return nil
	}
	s := &sides[i]
	what := fmt.Sprintf("pods' links on %s have an MTU of up to %d", s.node, s.pod.MTU)
	if s.own {
		what = fmt.Sprintf("the link of the pod on %s, %s, has an MTU of %d", s.node, s.pod.Name, s.pod.MTU)
	}
	text := fmt.Sprintf("%s, but the path between the nodes carries %d", upper(what), room)
	if over > 0 {
		text += fmt.Sprintf(" besides the %d bytes of %s", over, kind)
	}
	for k := range sides {
		text += fmt.Sprintf("%s %s has %s", [...]string{":", ";"}[min(k, 1)], sides[k].node, sides[k].text())
	}
	text += "."
	var more []fact.Object
	for k := range sides {
		if k != i {
			more = append(more, fact.Object{Kind: "Node", Name: sides[k].node})
		}
	}
	if m, mtu := a.configured(); m != nil {
		text += fmt.Sprintf(" ConfigMap %s says %d.", nameOf(m), mtu)
		more = append(more, object("ConfigMap", m))
	}
	return a.dumped("mtu-config", s.dump, text, more...)
}

// sender returns the name of the node whose pod sent what was too long, "" where that is not known.
func (a *asked) sender() string {
	c := a.finding.Example
	of := func(d fact.Direction) string {
		if d == fact.ToServer {
			return a.placeOf(a.finding.Client)
		}
		return a.placeOf(a.finding.Backend.Addr())
	}
	for i := range c.Errors {
		if c.Errors[i].TooBig() {
			return of(c.Errors[i].Flow)
		}
	}
	for d := range c.Flow {
		if x := c.Flow[d].Stall; x != nil && !x.Acked && !x.Probe {
			return of(fact.Direction(d))
		}
	}
	return ""
}

func upper(s string) string { return string(s[0]-'a'+'A') + s[1:] }

// text lists the links and their MTU.
func (s *side) text() string {
	var list []string
	for _, l := range []cluster.Link{s.pod, s.tunnel, s.uplink} {
		if l.MTU != 0 {
			list = append(list, fmt.Sprintf("%s %d", l.Name, l.MTU))
		}
	}
	return words(", ", list...)
}

// narrower reports whether packets show that something carries less than the links do.
func (a *asked) narrower(room, over uint32) bool {
	c := a.finding.Example
	for i := range c.Errors {
		e := &c.Errors[i]
		mtu := e.MTU
		if e.Tunnel {
			mtu -= min(mtu, over)
		}
		if e.TooBig() && mtu != 0 && mtu < room {
			return true
		}
	}
	if w := a.finding.Where; w != nil && w.Smallest != 0 && w.Smallest <= room {
		return true
	}
	for d := range c.Flow {
		if x := c.Flow[d].Stall; x != nil && !x.Acked && x.IPLen != 0 && x.IPLen <= room {
			return true
		}
	}
	return false
}

// linkKinds are Linux' words for encapsulations of IP in IP. For others it has the same as netsift.
var linkKinds = map[string]string{"4in4": "ipip", "6in4": "sit", "4in6": "ip6tnl", "6in6": "ip6tnl"}

// side returns what dumps say of the links of a node on the way of a pod's packets, nil without a dump of its links.
func (a *asked) side(node string, pod netip.Addr, tunnel string) *side {
	d := a.detailed(node)
	if d == nil {
		return nil
	}
	s := &side{node: node, dump: d}
	if l, _ := a.port(node, pod); l != nil {
		s.pod, s.own = *l, true
	}
	tunnel = cmp.Or(linkKinds[tunnel], tunnel)
	under := a.under(d, tunnel)
	for _, l := range d.Links {
		switch {
		case l.Name == under:
			s.uplink = l
		case tunnel != "" && l.Kind == tunnel && s.tunnel.MTU == 0:
			s.tunnel = l
		case tunnel != "" && l.Kind == tunnel && s.tunnel.MTU != l.MTU:
			s.tunnel.MTU = math.MaxUint32 // which of several is not known
		case !s.own && (l.Kind == "veth" || l.Kind == "netkit") && (l.Master != "" || under != "" && isPodLink(&l)) && l.MTU > s.pod.MTU:
			s.pod = l
		}
	}
	if s.tunnel.MTU == math.MaxUint32 {
		s.tunnel = cluster.Link{}
	}
	return s
}

// under returns the name of the link by which a node's packets to others leave: that of the tunnel, or of its default route; "" where that is not known.
func (a *asked) under(links *dump.Dump, tunnel string) string {
	for _, l := range links.Links {
		if tunnel != "" && l.Kind == tunnel && l.Under != "" {
			return l.Under
		}
	}
	if d := a.dump(links.Node, dump.Routes); d != nil {
		for i := range d.Routes {
			if r := &d.Routes[i]; r.Default() && r.Leads() {
				return r.Device
			}
		}
	}
	return ""
}

// configured returns the ConfigMap that says which MTU a CNI gives pods, and the MTU; nil where none says one.
func (a *asked) configured() (*snapshot.Meta, uint64) {
	for i := range a.snapshot.Configs {
		c := &a.snapshot.Configs[i]
		var flannel struct {
			Backend struct{ MTU uint64 }
		}
		if json.Unmarshal([]byte(c.Data["net-conf.json"]), &flannel) == nil && flannel.Backend.MTU != 0 {
			return &c.Meta, flannel.Backend.MTU
		}
		for _, key := range []string{"veth_mtu", "mtu"} { // Calico, Cilium
			if n, err := strconv.ParseUint(c.Data[key], 10, 32); err == nil && n != 0 {
				return &c.Meta, n
			}
		}
	}
	return nil, 0
}
