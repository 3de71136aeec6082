package markdown

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// diagram is a sequence diagram: participants in the order of the way from the client to the server, and what passes
// between them in the order of time.
type diagram struct {
	parts []string // lines of a name are separated by \n
	steps []step
}

// step is a message between two participants, or a note over them. A lost one never got there.
type step struct {
	time       int64
	from, to   int
	text, at   string
	lost, note bool
}

// route draws a connection as its marks show it: real frames, each from where it came from to where it was seen.
type route struct {
	diagram
	page *page
	conn *fact.Connection
	// nodes are the positions of nodes among the parts, by label; tunnel that of the tunnel, -1 without one.
	nodes  map[string]int
	tunnel int
	// where is where its packets vanish, nil where that is not known.
	where *fact.Where
}

// whereOf returns where a finding says that packets of c vanish, nil where it says nothing of it.
func whereOf(f *rules.Finding, c *fact.Connection) *fact.Where {
	if f.Example == nil || f.Example.ID != c.ID {
		return nil
	}
	return f.Where
}

// connection returns the diagram of a connection whose packets vanish there, nil where nothing of it was marked.
func (p *page) connection(c *fact.Connection, where *fact.Where) *diagram {
	d := &route{page: p, conn: c, nodes: map[string]int{}, tunnel: -1, where: where}
	d.participants()
	for i := range c.Marks {
		if m := &c.Marks[i]; m.Kind != fact.MarkICMP { // errors say more
			d.mark(m)
		}
	}
	for i := range c.Errors {
		d.icmp(&c.Errors[i])
	}
	if len(d.steps) == 0 {
		return nil
	}
	slices.SortStableFunc(d.steps, func(a, b step) int { return cmp.Compare(a.time, b.time) })
	d.stamp(d.steps[0].time)
	if said := outcomes[c.Outcome]; said != "" {
		d.steps = append(d.steps, step{from: 0, to: d.last(), note: true, text: said})
	}
	return &d.diagram
}

// outcomes says what the client lived through.
var outcomes = map[fact.Outcome]string{
	fact.Refused:      "refused: connecting fails at once",
	fact.Unreachable:  "unreachable: an ICMP error reaches the client",
	fact.ResetOutcome: "reset: the connection ends in the middle of its exchange",
	fact.Hang:         "hang: no usable answer reaches the client",
}

// participants lines up the client, the nodes and the tunnel between them, and the backend.
func (d *route) participants() {
	c := d.conn
	o := report.Parties(c.Objects)
	d.add(titled("client", o.Client) + "\n" + report.Addr(c.Client.Addr()))
	for i := range c.Legs {
		l := &c.Legs[i]
		if len(l.Encap) > 0 && d.tunnel < 0 {
			e := &l.Encap[0]
			kind := e.Kind.String()
			if report.HasVNI(e) {
				kind += fmt.Sprintf(" %d", e.VNI)
			}
			// The client's node wraps packets, so it was seen without a tunnel before.
			d.tunnel = d.add(kind + " tunnel\n" + report.Addr(e.Src) + " to " + report.Addr(e.Dst))
		}
		if _, ok := d.nodes[l.Node]; !ok {
			d.nodes[l.Node] = d.add(d.nodeName(l))
		}
	}
	switch {
	case c.Backend.IsValid():
		d.add(titled("backend", o.Backend) + "\n" + report.End(c.Proto, c.Backend))
	case c.Service.IsValid():
		d.add(titled("called", o.Service) + "\n" + report.End(c.Proto, c.Called))
	default:
		d.add(titled("called", o.Backend) + "\n" + report.End(c.Proto, c.Called))
	}
}

func (d *route) nodeName(l *fact.Leg) string {
	name := report.Clean(l.Node)
	if name == "" {
		name = "node"
	}
	if c := d.conn; c.Service.IsValid() && l.Dst == c.Called {
		name += "\n" + titled("Service", report.Parties(c.Objects).Service) + " " + report.End(c.Proto, c.Service)
	}
	return name
}

// titled is what stands above an address: who it is, by the object's name where it has one.
func titled(who string, o *fact.Object) string {
	if o == nil {
		return who
	}
	return report.Clean(o.String())
}

func (d *diagram) add(name string) int {
	d.parts = append(d.parts, name)
	return len(d.parts) - 1
}

// last is the position of the server's end.
func (d *route) last() int { return len(d.parts) - 1 }

// ends returns the positions of sender and receiver.
func (d *route) ends(flow fact.Direction) (from, to int) {
	if flow == fact.ToClient {
		return d.last(), 0
	}
	return 0, d.last()
}

// node returns the position of the node that a frame was captured on, false where it is none of the path's.
func (d *route) node(r fact.Ref) (int, bool) {
	label := ""
	if r.Capture >= 0 && r.Capture < len(d.page.captures) {
		label = d.page.captures[r.Capture].Node
	}
	n, ok := d.nodes[label]
	if !ok && len(d.nodes) == 1 {
		for _, n = range d.nodes {
			ok = true
		}
	}
	return n, ok
}

// mark adds a marked frame.
func (d *route) mark(m *fact.Mark) {
	c := d.conn
	from, to := d.ends(m.Flow)
	n, ok := d.node(m.Ref)
	s := step{time: m.Time, from: from, to: to, at: d.page.ref(m.Ref)}
	if ok {
		s.to = n
	}
	arrives := false // by what came after it; the frame itself shows no more than that it was seen
	ahead := 1       // where the packet goes on to
	if m.Flow == fact.ToClient {
		ahead = -1
	}
	switch m.Kind {
	case fact.MarkSYN:
		s.text = c.Proto.Terms().Open
		if d.tunnel < 0 || n < d.tunnel { // beyond, it has another address
			s.text += " to " + report.AddrPort(c.Called)
		}
	case fact.MarkSYNResend:
		s.text = c.Proto.Terms().Open + " again"
		if s.lost = c.Outcome == fact.Hang && c.Phase == fact.PhaseHandshake && c.Flow[fact.ToClient].Packets == 0; s.lost {
			s.text += ", never answered"
		}
	case fact.MarkSYNACK:
		s.text = c.Proto.Terms().Accept
		arrives = c.Phase != fact.PhaseHandshake
		s.lost = c.Outcome == fact.Hang && !arrives
	case fact.MarkTranslated:
		s.text = "translated"
		if m.Leg >= 0 && m.Leg < len(c.Legs) {
			switch l := &c.Legs[m.Leg]; {
			case l.Dst != c.Called && m.Flow == fact.ToServer:
				s.text = "translated to " + report.End(c.Proto, l.Dst)
			case l.Dst != c.Called:
				s.text = "from " + report.End(c.Proto, l.Dst)
			case l.Src != c.Client && m.Flow == fact.ToServer:
				s.text = "source translated to " + report.End(c.Proto, l.Src)
			case l.Src != c.Client:
				s.text = "to the source " + report.End(c.Proto, l.Src)
			default:
				return // the client's own leg, which was not the first to be seen
			}
		}
		if d.tunnel >= 0 && (n > d.tunnel) == (m.Flow == fact.ToServer) {
			s.text = "out of the tunnel"
		}
		if ok {
			s.from, s.to = n, n
			if next := n + ahead; next == to && c.Flow[1-m.Flow].Packets > 0 { // or else nobody knows that it got there
				s.to = next
			}
		}
	case fact.MarkEncapsulated:
		s.text = "in the tunnel"
		switch {
		case !ok || d.tunnel < 0:
		case (n < d.tunnel) == (m.Flow == fact.ToServer):
			s.from, s.to = n, d.tunnel
		default:
			s.from, s.to = d.tunnel, n
		}
	case fact.MarkData:
		s.text = "first data"
		arrives = c.Outcome == fact.OK || c.Flow[m.Flow].MaxAcked > 0
	case fact.MarkResend, fact.MarkStall:
		s.text = fmt.Sprintf("%d-byte packet again", m.IPLen)
		if m.Count > 0 {
			s.text = fmt.Sprintf("%d-byte packet, transmission %d", m.IPLen, m.Count)
		}
		if stall := c.Flow[m.Flow].Stall; stall != nil && !stall.Acked && m.Time >= stall.First && m.Time <= stall.Last {
			s.lost = true
			s.text += ", never acknowledged"
		}
	case fact.MarkReset:
		s.text = c.Proto.Terms().Abort
		if r := c.Reset; r != nil && r.ByNode && ok {
			s.text, s.from, s.to = s.text+", made by the node itself", n, to
		}
	case fact.MarkFIN:
		s.text = c.Proto.Terms().Shut
	case fact.MarkUntranslated:
		s.text = "reply with source " + report.End(c.Proto, c.Backend) + ", which the client did not address"
		if ok {
			s.from, s.to = n, to
		}
	case fact.MarkLoop:
		s.text = fmt.Sprintf("the same packet again, TTL %d", m.Count)
		s.from = s.to
	case fact.MarkQuery:
		s.text = "request to " + report.End(c.Proto, c.Called)
		if s.lost = c.Outcome == fact.Hang; s.lost {
			s.text += ", never answered"
		}
	case fact.MarkReply:
		s.text = "reply"
		arrives = c.Outcome == fact.OK
	default:
		return
	}
	switch {
	case s.lost:
		s.to = d.loses(m.Flow, s.to)
	case arrives:
		_, s.to = d.ends(m.Flow)
	}
	d.steps = append(d.steps, s)
}

// loses returns the position at which packets of a direction get lost, of which one was seen at position seen: the last that they are
// known to have come to.
func (d *route) loses(flow fact.Direction, seen int) int {
	if w := d.where; w != nil && w.Flow == flow {
		if n, ok := d.nodes[w.After.Node]; ok {
			return n
		}
	}
	if d.conn.Phase != fact.PhaseHandshake && d.conn.Proto.Opens() {
		return seen // others of this direction got further
	}
	for i := range d.conn.Legs {
		l := &d.conn.Legs[i]
		n, ok := d.nodes[l.Node]
		for k := range l.Views {
			if ok && l.Views[k].Flow == flow && (flow == fact.ToServer && n > seen || flow == fact.ToClient && n < seen) {
				seen = n
			}
		}
	}
	return seen
}

// icmp adds an ICMP error, from its sender to the sender of the packet that it quotes.
func (d *route) icmp(e *fact.ICMPError) {
	to, _ := d.ends(e.Flow)
	n, ok := d.node(e.Ref)
	s := step{time: e.Time, to: to, at: d.page.ref(e.Ref), text: "ICMP " + report.ICMPName(e)}
	switch {
	case e.Src == d.conn.Backend.Addr() && e.Flow == fact.ToServer:
		s.from = d.last()
	case e.Src == d.conn.Client.Addr() && e.Flow == fact.ToClient:
		s.from = 0
	case ok:
		s.from = n
		s.text += " from " + report.Addr(e.Src)
	default:
		s.from = d.last() - to
		s.text += " from " + report.Addr(e.Src)
	}
	if e.MTU > 0 {
		s.text += fmt.Sprintf(", MTU %d", e.MTU)
	}
	if e.Count > 1 {
		s.text += fmt.Sprintf(", %d times", e.Count)
	}
	d.steps = append(d.steps, s)
}

// stamp says beside each frame how long after the first it came.
func (d *diagram) stamp(first int64) {
	for i := range d.steps {
		s := &d.steps[i]
		s.at += ", +" + report.Took(s.time-first)
	}
}
