package report

import (
	"fmt"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

// MaxUnexplained is how many places of unexplained connections a form for people lists.
const MaxUnexplained = 5

// Unexplained is connections or lookups that no finding explains, in words.
type Unexplained struct {
	// Stations are the addresses in the order of the way: client, Service, backend.
	Stations []string
	// What says what became of them, and how often: "got no answer, 3 times".
	What string
	// Where says where their packets were last seen, and which view would decide it.
	Where string
	// Look is the command that shows more, "" without one.
	Look string
}

// AccountTitle heads the list of what is unexplained.
func AccountTitle(r *Report) string {
	a := &r.Verdict.Account
	if r.Verdict.Layer == "" {
		return "Unexplained"
	}
	return fmt.Sprintf("Also unexplained: %s of %s that failed, or succeeded only after a resend", Count(a.Unexplained), Count(a.Failed+a.Late))
}

// Account returns what no finding explains, worst first, and how many places are left out.
func Account(r *Report) (list []Unexplained, more int) {
	open := r.Verdict.Account.Open
	for i := range open[:min(len(open), MaxUnexplained)] {
		list = append(list, newUnexplained(r, &open[i]))
	}
	return list, len(open) - len(list)
}

func newUnexplained(r *Report, u *rules.Unexplained) Unexplained {
	x := Unexplained{What: u.Text(), Where: u.Hint}
	if u.Where != nil {
		x.Where = Where(u.Where)
	}
	if u.Count > 1 {
		x.What += ", " + Count(u.Count) + " times"
	}
	o := Parties(u.Objects)
	for _, s := range []string{
		Named(o.Client, Addr(u.Client)), Named(o.Service, AddrPort(u.Service)), NamedBackend(o.Backend, AddrPort(u.Backend)), Named(o.Server, AddrPort(u.Server)),
	} {
		if s != "" {
			x.Stations = append(x.Stations, s)
		}
	}
	files, ok := Again(r)
	if !ok {
		return x
	}
	if len(u.Connections) > 0 {
		x.Look = "netsift trace " + files + " --conn " + u.Connections[0]
	} else if u.Server.IsValid() {
		x.Look = "netsift dns " + files
	}
	return x
}

// Again returns the captures as arguments of a command that reads them again; ok is false where they can't be, because they came as a stream.
func Again(r *Report) (files string, ok bool) {
	var list []string
	for i := range r.Facts.Captures {
		c := &r.Facts.Captures[i]
		if c.File == "-" || c.Stream != nil {
			return "", false
		}
		if c.Error == "" {
			list = append(list, rules.ShellWord(Clean(c.File)))
		}
	}
	if len(list) > 4 {
		list = append(list[:4], "...")
	}
	return strings.Join(list, " "), len(list) > 0
}

// Hint says what would tell more about u where no place is known at which its packets vanish; "" where nothing comes to mind. captures are those
// that u was seen in.
func Hint(captures []fact.Capture, u *rules.Unexplained) string {
	c := u.Example
	switch {
	case u.Where != nil, c == nil:
		return ""
	case u.ByClient:
		return "the client gave up or was cancelled: its timeout, and what it waited for, tell more than packets"
	case u.Late:
		return ""
	}
	leg, v := last(c)
	if v == nil {
		return ""
	}
	if captured := &captures[v.Capture]; !captured.Whole() {
		return "the capture is filtered: one without a filter would show what became of its packets"
	}
	place := viewpoint(&fact.Viewpoint{Interface: v.Interface, Name: v.Name, Role: v.Role, Dir: v.Dir})
	switch {
	case v.Out() && (v.Role.Kind == fact.Uplink || len(leg.Encap) > 0):
		return fmt.Sprintf("its packets leave %s (%s): a capture of the node where they arrive, at the same time, would decide it", Clean(leg.Node), place)
	case v.Out():
		return fmt.Sprintf("its packets were last seen going out on %s (%s)", Clean(leg.Node), place)
	}
	return fmt.Sprintf("its packets were last seen coming in on %s (%s)", Clean(leg.Node), place)
}

// Where says in words where packets vanish.
func Where(w *fact.Where) string {
	s := fmt.Sprintf("%d of %d packets vanish on %s, after %s and before %s", w.Packets, w.Of, Clean(w.After.Node), viewpoint(&w.After), viewpoint(&w.Before))
	if w.Largest > w.Smallest {
		s += fmt.Sprintf("; they have %d to %d bytes", w.Smallest, w.Largest)
	}
	return s
}

// viewpoint names a view: "cni0 (bridge) out".
func viewpoint(v *fact.Viewpoint) string {
	return strings.TrimSpace(Clean(Face(v.Name, v.Role, v.Interface)) + " " + Way(v.Dir))
}

// last returns the last view, in path order, of the client's packets.
func last(c *fact.Connection) (leg *fact.Leg, view *fact.View) {
	for i := range c.Legs {
		for k := range c.Legs[i].Views {
			if v := &c.Legs[i].Views[k]; v.Flow == fact.ToServer {
				leg, view = &c.Legs[i], v
			}
		}
	}
	return leg, view
}
