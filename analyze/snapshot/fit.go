package snapshot

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// wellKnown are Services that every cluster has, often at the same addresses: they tell none from another.
var wellKnown = map[objectName]bool{{"Service", "default", "kubernetes"}: true, {"Service", "kube-system", "kube-dns"}: true}

// apartAfter is how far from the capture a snapshot may be before that is said: a kubelet's heartbeat, the latest time that a snapshot speaks
// of, is five minutes old at most (kubelet, nodeStatusReportFrequency).
const apartAfter = 3600e9

// Fit holds a snapshot against what packets show. Where they show an address to be something else than the snapshot has, it gets no name, and
// where that is no exception, or where nothing of the snapshot is in the packets, nothing gets one: the snapshot is of another cluster.
// What it brings up it returns, and the warnings of Summary have it, too. It must be called before names are asked for, and again when there are new facts.
func (n *Names) Fit(f *fact.Facts) (remarks []string) {
	n.denied, n.foreign, n.doubtful, n.remarks = map[netip.Addr]bool{}, false, false, nil
	w := witness{names: n, agree: map[netip.Addr]bool{}}
	w.tunnels(f)
	callers := map[netip.Addr]bool{}
	for i := range f.Reach {
		if r := &f.Reach[i]; r.Proto.Opens() && r.Signs&fact.SignMidstream == 0 {
			callers[r.Client] = true
		}
	}
	for i := range f.Addresses {
		x := &f.Addresses[i]
		w.address(x, callers[x.Addr])
	}
	for i := range f.Reach {
		w.translation(&f.Reach[i])
	}
	switch {
	case len(f.Addresses) == 0:
		return nil
	case w.elsewhere:
		n.foreign = true
		n.remarks = append(n.remarks, "no name is given: the snapshot has other nodes than the packets")
	case len(n.snapshot.Pods) > 0 && w.strange > 1 && w.known == 0: // nodes of many clusters have the same addresses
		n.foreign = true
		n.remarks = append(n.remarks, fmt.Sprintf("no name is given: the snapshot has none of the %d pods and Services that are in the packets", w.strange))
	case len(w.agree) == 0:
		n.foreign = true
		n.remarks = append(n.remarks, "no name is given: no object of the snapshot is in the packets")
	case 3*len(n.denied) >= len(w.agree) && len(n.denied) > 0:
		n.foreign = true
		n.remarks = append(n.remarks, fmt.Sprintf("no name is given: packets contradict the snapshot about %d of %d addresses; is it of another cluster?",
			len(n.denied), len(n.denied)+len(w.agree)))
	case len(n.denied) > 0:
		n.remarks = append(n.remarks, fmt.Sprintf("packets contradict the snapshot about %d of %d addresses: those get no name",
			len(n.denied), len(n.denied)+len(w.agree)))
	}
	t := between(f.Captures)
	first, last := t.First, t.Last
	d := n.snapshot.Taken - last
	if n.snapshot.Heard != 0 {
		d = max(d, first-n.snapshot.Taken)
	}
	if last != 0 && d > apartAfter && !n.foreign {
		n.doubtful = true
		n.remarks = append(n.remarks, fmt.Sprintf("the snapshot and the packets lie %s apart: addresses may have changed hands, and names are marked with ?", span(d)))
	}
	return n.remarks
}

// span words a time of hours.
func span(ns int64) string {
	hours := ns / 3600e9
	if hours >= 48 {
		return fmt.Sprintf("%d days", hours/24)
	}
	if hours == 1 {
		return "1 hour"
	}
	return fmt.Sprintf("%d hours", hours)
}

// between returns the times of the first and the last frame, 0 without any.
func between(captures []fact.Capture) (t Span) {
	for i := range captures {
		c := &captures[i]
		if c.Frames == 0 {
			continue
		}
		if t.First == 0 || c.First < t.First {
			t.First = c.First
		}
		t.Last = max(t.Last, c.Last)
	}
	return t
}

// witness collects what packets say of a snapshot.
type witness struct {
	names *Names
	// agree has the addresses that are what the snapshot says, those aside that every cluster has.
	agree map[netip.Addr]bool
	// elsewhere says that tunnels end at nodes of which the snapshot has none.
	elsewhere bool
	// known counts the addresses of pods that speak and of Services that the snapshot has, strange those that it has not. What every cluster has is neither.
	known, strange int
}

// tunnels looks for the nodes that tunnels end at.
func (w *witness) tunnels(f *fact.Facts) {
	if len(w.names.nodes) == 0 {
		return
	}
	ends, known := 0, 0
	for i := range f.Tunnels {
		for _, a := range []netip.Addr{f.Tunnels[i].Src, f.Tunnels[i].Dst} {
			if f.Role(a) != fact.RoleNode {
				continue
			}
			ends++
			if w.names.nodes[a] != nil {
				known++
			}
		}
	}
	w.elsewhere = ends > 0 && known == 0
}

// address compares the role of an address with what the snapshot has there. calls says that it opened connections, which a Service's never does:
// all that comes from it are answers, as one sees them on the client's side of the translation.
func (w *witness) address(x *fact.Address, calls bool) {
	n := w.names
	if x.Role == fact.RoleService || x.Role == fact.RolePod && x.Sent > 0 {
		switch {
		case len(n.services[x.Addr]) == 0 && len(n.holders[x.Addr]) == 0:
			w.strange++
		case len(n.services[x.Addr]) == 0 || !w.isWellKnown(x.Addr):
			w.known++
		}
	}
	is := fact.RoleUnknown
	_, node := n.nodes[x.Addr]
	switch {
	case len(n.services[x.Addr]) > 0:
		is = fact.RoleService
	case node:
		is = fact.RoleNode
	case len(n.holders[x.Addr]) > 0:
		is = fact.RolePod
	}
	switch {
	case is == fact.RoleUnknown || x.Role == fact.RoleUnknown && is == fact.RolePod && x.Sent == 0:
		return
	case is == fact.RoleNode && x.Role == fact.RoleService: // its NodePorts are called
		w.agree[x.Addr] = true
	case is == fact.RoleService && calls || x.Role != fact.RoleUnknown && x.Role != is:
		n.denied[x.Addr] = true
	case is == fact.RoleService && w.isWellKnown(x.Addr):
	default:
		w.agree[x.Addr] = true
	}
}

func (w *witness) isWellKnown(a netip.Addr) bool {
	for _, s := range w.names.services[a] {
		if !wellKnown[objectName{"Service", s.Namespace, s.Name}] {
			return false
		}
	}
	return true
}

// translation compares where a Service led to with its ports, and with the pods that it selects.
func (w *witness) translation(r *fact.Reach) {
	n := w.names
	if !r.Service.IsValid() || !r.Backend.IsValid() || r.Service == r.Backend {
		return
	}
	t := Span{r.First, r.Last}
	for _, s := range n.services[r.Service.Addr()] {
		if s.Created > t.First {
			continue
		}
		if !s.leadsTo(r) || !w.selects(s, r.Backend.Addr(), t) {
			n.denied[r.Service.Addr()] = true
			delete(w.agree, r.Service.Addr())
		}
	}
}

// leadsTo reports whether a Service has a port that leads to a backend's, as far as it gives a number. A headless port has its own.
func (s *Service) leadsTo(r *fact.Reach) bool {
	for _, p := range s.Ports {
		if p.Port != r.Service.Port() {
			continue
		}
		target := p.Target
		if target.Name == "" && target.Port == 0 {
			target.Port = p.Port // core/v1, ServicePort: the same as port where nothing is said
		}
		if target.Name != "" || target.Port == r.Backend.Port() || len(s.Selector) == 0 {
			return true
		}
	}
	return false
}

// selects reports whether a Service selects the pod that an address belongs to, as far as that is known.
func (w *witness) selects(s *Service, a netip.Addr, t Span) bool {
	h := w.names.pod(a, t)
	if h == nil || h.pod == nil || len(s.Selector) == 0 {
		return true
	}
	if h.pod.Namespace != s.Namespace {
		return false
	}
	for k, v := range s.Selector {
		if h.pod.Labels[k] != v {
			return false
		}
	}
	return true
}
