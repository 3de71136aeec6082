package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// maxWorks bounds the other traffic that a finding says works.
const maxWorks = 4

// working has the first ways that work of each client and to each backend, of differing texts: one more than are told, as that of a client
// reads differently in the list of what no backend is known of.
type working struct {
	byClient  map[netip.Addr]*firstWays
	byBackend map[netip.AddrPort]*firstWays
	// dns has the clients whose lookups are answered.
	dns map[netip.Addr]bool
}

// firstWays are ways of differing texts, in the order of Facts.Reach.
type firstWays struct {
	list  []*fact.Reach
	texts []string
}

func (w *firstWays) add(text func() string, x *fact.Reach) {
	if len(w.list) > maxWorks {
		return
	}
	t := text()
	for _, have := range w.texts {
		if have == t {
			return
		}
	}
	w.list, w.texts = append(w.list, x), append(w.texts, t)
}

func newWorking(s *scene) *working {
	w := &working{byClient: map[netip.Addr]*firstWays{}, byBackend: map[netip.AddrPort]*firstWays{}, dns: map[netip.Addr]bool{}}
	for i := range s.Lookups {
		if l := &s.Lookups[i]; l.Outcome == fact.LookupAnswered {
			w.dns[l.Client] = true
		}
	}
	for i := range s.Plain {
		w.dns[s.Plain[i].Client] = true
	}
	for i := range s.Reach {
		y := &s.Reach[i]
		if y.Outcome != fact.OK || !y.Proto.Opens() {
			continue
		}
		if w.byClient[y.Client] == nil {
			w.byClient[y.Client] = &firstWays{}
		}
		if w.byBackend[y.Backend] == nil {
			w.byBackend[y.Backend] = &firstWays{}
		}
		w.byClient[y.Client].add(func() string { return reached(y) }, y)
		w.byBackend[y.Backend].add(y.Client.String, y)
	}
	return w
}

// reached says who reached what, by the client's word where no backend is known.
func reached(y *fact.Reach) string {
	if !y.Backend.IsValid() {
		return fmt.Sprintf("%s to %s", y.Client, y.Called)
	}
	return fmt.Sprintf("%s to %s", y.Client, y.Backend)
}

// whatWorks lists, for a person, other traffic of the same client or backend that worked.
func (s *scene) whatWorks(x *fact.Reach) []string {
	w := index(s, newWorking)
	var list []string
	seen := map[string]bool{}
	say := func(text string) {
		if !seen[text] && len(list) < maxWorks {
			seen[text] = true
			list = append(list, text)
		}
	}
	if w.dns[x.Client] {
		say(fmt.Sprintf("DNS for %s", x.Client))
	}
	var ways []*fact.Reach
	if f := w.byClient[x.Client]; f != nil {
		ways = append(ways, f.list...)
	}
	if f := w.byBackend[x.Backend]; f != nil {
		ways = append(ways, f.list...)
	}
	for _, y := range s.inOrder(ways) {
		if y.Client == x.Client {
			say(reached(y))
		} else {
			say(fmt.Sprintf("%s to %s", y.Client, y.Backend))
		}
	}
	return list
}
