package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/netsift/netsift/analyze/fact"
)

// count returns "1 connection" or "n connections" and the like.
func count(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// round returns a duration in nanoseconds as a person says it.
func round(ns int64) string {
	d := time.Duration(ns)
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(100 * time.Microsecond).String()
}

// icmpName returns an ICMP error's name in words.
func icmpName(e *fact.ICMPError) string {
	v4 := map[uint8]string{
		0: "network unreachable", 1: "host unreachable", 2: "protocol unreachable", 3: "port unreachable", 4: "fragmentation needed",
		5: "source route failed", 9: "network prohibited", 10: "host prohibited", 13: "administratively prohibited",
	}
	v6 := map[uint8]string{
		0: "no route", 1: "administratively prohibited", 3: "address unreachable", 4: "port unreachable",
		5: "source address failed policy", 6: "route rejected",
	}
	name, ok := v4[e.Code]
	if e.V6 {
		name, ok = v6[e.Code]
	}
	switch {
	case e.TimeExceeded():
		return "time exceeded"
	case e.NoProtocol():
		return "protocol unreachable"
	case e.TooBig() && e.V6:
		return "packet too big"
	case !ok:
		return fmt.Sprintf("type %d code %d", e.Type, e.Code)
	}
	return name
}

// clip shortens a name for a title or a note, and removes characters that no name has.
func clip(name string) string {
	const longest = 100
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, name)
	if len(name) > longest {
		return name[:longest-3] + "..."
	}
	return name
}

// several returns the first few of a list in words: "a, b and 3 more".
func several(list []string) string {
	const shown = 3
	switch n := len(list); {
	case n == 0:
		return ""
	case n == 1:
		return list[0]
	case n <= shown:
		return strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	default:
		return fmt.Sprintf("%s and %d more", strings.Join(list[:shown], ", "), n-shown)
	}
}

// crossing says by which interface, and which way, a view shows packets: " (in on the tunnel device)".
func crossing(v *fact.View) string {
	name := v.Role.String()
	if name == "" {
		name = v.Name
	}
	switch {
	case name == "":
		return ""
	case v.Out():
		return " (out on " + name + ")"
	case v.In():
		return " (in on " + name + ")"
	}
	return " (" + name + ")"
}

// howEnded says in words what became of connections that were never opened.
func howEnded(n map[fact.Outcome]uint64) string {
	var list []string
	for _, x := range []struct {
		outcome fact.Outcome
		text    string
	}{
		{fact.Refused, "refused"}, {fact.Hang, "never answered"}, {fact.Unreachable, "answered with ICMP unreachable"},
	} {
		if n[x.outcome] > 0 {
			list = append(list, fmt.Sprintf("%d %s", n[x.outcome], x.text))
		}
	}
	return strings.Join(list, ", ")
}
