package root

import (
	"fmt"

	"github.com/netsift/netsift/analyze/snapshot"
)

// unready returns the Ready condition of a pod that was not ready when a finding was seen, nil if it was, or if nothing is known of then.
func (a *asked) unready(p *snapshot.Pod) *snapshot.Condition {
	c := snapshot.ConditionOf(p.Conditions, "Ready")
	if c == nil || c.Status == "True" || c.Since > a.span.Last {
		return nil
	}
	return c
}

// ready reports whether a pod was ready all the time that a finding was seen.
func (a *asked) ready(p *snapshot.Pod) bool {
	c := snapshot.ConditionOf(p.Conditions, "Ready")
	return c != nil && c.Status == "True" && c.Since <= a.span.First
}

// why says what keeps a pod from being ready.
func why(p *snapshot.Pod) string {
	for _, c := range p.Containers {
		if c.Ready {
			continue
		}
		s := "container " + c.Name
		switch c.State.Kind {
		case "waiting", "terminated":
			s += " is " + words(": ", c.State.Kind, c.State.Reason)
			if c.Restarts > 0 {
				s += fmt.Sprintf(", after %s", times(c.Restarts, "restart"))
			}
		default:
			s += " runs but is not ready"
			if c.Probe != "" {
				s += "; its probe is " + c.Probe
			}
		}
		return s
	}
	return ""
}

func times(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
