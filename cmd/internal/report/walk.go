package report

import (
	"fmt"
	"strconv"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// Walk is the walk of a connection as it is reported.
type Walk struct {
	// Version is netsift's own.
	Version string
	*fact.Walk
	Captures []fact.Capture
	// Redacted: as in Report.
	Redacted bool
	// Chosen says why this connection, "" where the user named it.
	Chosen string
}

// View names a hop for people: "node2 bridge in".
func View(h *fact.Hop) string {
	return h.Node + " " + facing(h.Name, h.Role, h.Interface, h.Dir)
}

// Next names the view that packets which vanish would have been seen in next, "" where nothing says so: "bridge out".
func Next(w *fact.Way) string {
	if w.Next == nil {
		return ""
	}
	return facing(w.Next.Name, w.Next.Role, w.Next.Index, w.NextDir)
}

// facing names an interface and a direction on it.
func facing(name string, role fact.InterfaceRole, index uint32, dir decode.Direction) string {
	s := Face(name, role, index)
	if d := Way(dir); d != "" {
		s += " " + d
	}
	return s
}

// Face names an interface for people: its name if it has one, with what it does.
func Face(name string, role fact.InterfaceRole, index uint32) string {
	switch {
	case name != "" && role.Object != nil:
		return name + " (pod " + Clean(role.Object.String()) + ")"
	case name != "" && role.Pod.IsValid():
		return name + " (pod " + role.Pod.String() + ")"
	case name != "" && role.Kind != fact.InterfaceUnknown:
		return name + " (" + role.String() + ")"
	case name != "":
		return name
	case role.Object != nil:
		return role.Kind.String() + " " + Clean(role.Object.String())
	case role.Kind != fact.InterfaceUnknown:
		return role.String()
	case index == 0:
		return "interface"
	}
	return "interface " + strconv.FormatUint(uint64(index), 10)
}

// Way names a direction on an interface, "" where it isn't known.
func Way(d decode.Direction) string { return [...]string{"", "in", "out"}[d] }

// Sender names whose packets a direction has.
func Sender(flow fact.Direction) string { return [...]string{"client", "server"}[flow] }

// Heard says what the other side's packets tell of those of a direction that leave these captures, "" for nothing. A SYN sent again
// tells that no answer came.
func (t *Walk) Heard(flow fact.Direction) string {
	c := t.Connection
	established := c.Outcome == fact.OK || c.Proto.Opens() && c.Phase != fact.PhaseHandshake
	switch {
	case t.Ways[1-flow].Packets == 0:
		return ""
	case flow == fact.ToServer && c.Outcome == fact.OK:
		return "answers come back"
	case flow == fact.ToServer:
		return "some are answered"
	case established:
		return "the client continues"
	}
	return ""
}

// Conclusions says in sentences what the walk shows: for each direction whether its packets arrived, and if not, between
// which two views they vanish.
func (t *Walk) Conclusions() []string {
	var list []string
	whole := true
	for flow := range t.Ways {
		back := &t.Ways[1-flow]
		said := conclude(&t.Ways[flow], Sender(fact.Direction(flow)), back.Packets > 0 && t.Connection.Outcome == fact.OK)
		list = append(list, said...)
		whole = whole && len(said) == 0
	}
	if c := t.Connection; c.Untranslated {
		list = append(list, fmt.Sprintf("A reply reached the client from the backend's own address instead of %s: it was not translated back.", End(c.Proto, c.Called)))
	}
	if whole {
		list = append(list, fmt.Sprintf("Every packet got through, as far as the captures show: %d from the client, %d from the server.", t.Ways[0].Packets, t.Ways[1].Packets))
	}
	for i := range t.Ways {
		if w := &t.Ways[i]; w.Unknown > 0 {
			list = append(list, fmt.Sprintf("For %d of the %s's packets the captures can't show whether they arrived: they were sent just before one of the captures ended.", w.Unknown, Sender(fact.Direction(i))))
		}
	}
	if c := &t.Cost; c.MTU > 0 {
		list = append(list, fmt.Sprintf("%s says that the next hop takes packets of at most %d bytes.", c.Of, c.MTU))
	}
	return list
}

// conclude says which packets of one direction did not arrive; nothing if all did.
func conclude(w *fact.Way, sender string, answered bool) []string {
	if w.Packets == 0 {
		return []string{fmt.Sprintf("No packet from the %s was seen.", sender)}
	}
	var list []string
	for h := 1; h < len(w.Hops); h++ {
		if s := &w.Hops[h].Step; s.Lost > 0 {
			list = append(list, fmt.Sprintf("%d of %d packets from the %s %s between %s and %s%s.",
				s.Lost, w.Packets, sender, Vanish(s.Lost), View(&w.Hops[h-1]), View(&w.Hops[h]), Sizes(&w.Hops[h-1], s)))
		}
	}
	last := &w.Hops[len(w.Hops)-1]
	n := last.Packets
	switch w.End {
	case fact.EndVanish:
		where := ""
		if next := Next(w); next != "" {
			where = "; the next place would be " + next
		}
		list = append(list, fmt.Sprintf("%s after %s%s.", lead(n, w.Packets, sender, Vanish(n)), View(last), where))
	case fact.EndRefused:
		list = append(list, fmt.Sprintf("%s itself answers the %s's packets instead of passing them on.", last.Node, sender))
	case fact.EndLoop:
		list = append(list, fmt.Sprintf("The %s's packets loop until their TTL runs out: seen again %d times with a lower TTL.", sender, w.Loops))
	case fact.EndLeaves:
		if answered {
			return list // the receiver out there has them
		}
		list = append(list, fmt.Sprintf("%s on %s; no capture shows where they arrive.", lead(n, w.Packets, sender, "leave"), View(last)))
	case fact.EndOpen:
		list = append(list, fmt.Sprintf("%s at %s; these captures can't show where they went next.", lead(n, w.Packets, sender, "were last seen"), View(last)))
	}
	return list
}

func lead(n, of int, sender, verb string) string {
	if n == of {
		if n == 1 {
			return fmt.Sprintf("The only packet from the %s %s", sender, verb)
		}
		return fmt.Sprintf("All %d packets from the %s %s", n, sender, verb)
	}
	return fmt.Sprintf("%d of %d packets from the %s %s", n, of, sender, verb)
}

// Vanish is the verb for n packets.
func Vanish(n int) string {
	if n == 1 {
		return "vanishes"
	}
	return "vanish"
}

// Sizes says what is particular about the sizes of lost packets, "" where nothing is.
func Sizes(before *fact.Hop, s *fact.Step) string {
	switch {
	case s.Smallest == 0:
		return ""
	case before.LargestOn > 0 && s.Smallest > before.LargestOn:
		return fmt.Sprintf("; they have %s bytes, and nothing larger than %d got through", span(s.Smallest, s.Largest), before.LargestOn)
	}
	return ""
}

func span(a, b uint32) string {
	if a == b {
		return fmt.Sprint(a)
	}
	return fmt.Sprintf("%d to %d", a, b)
}
