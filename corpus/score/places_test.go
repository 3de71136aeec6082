package score

import (
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/corpus/cases"
)

// hidden are the cases in which one more capture shows something else: their truth is that of captures which do not show it.
var hidden = map[string]string{
	"form-filtered": "DNS is down, and the filter hides it",
	"form-empty":    "nothing was captured",
}

// TestOneMorePlace: no right answer becomes wrong with one more capture inside of the client's pod, the server's or
// the DNS server's, or on the machine outside. Each of them shows packets that begin or end their way there, as a node does.
func TestOneMorePlace(t *testing.T) {
	for _, c := range cases.Some(testing.Short()) {
		if hidden[c.Name] != "" {
			continue
		}
		s := c.Play()
		before := complaints(t, s)
		for _, try := range []struct {
			name string
			at   build.Place
		}{
			{"pod-client", s.Client},
			{"pod-server", s.Other},
			{"pod-dns", s.DNSPod},
			{"outside", s.Outside},
		} {
			if slices.ContainsFunc(s.Taken, func(x cases.Taken) bool { return x.At == try.at }) {
				continue
			}
			taken := s.Taken
			s.Also(try.name, try.at)
			after := complaints(t, s)
			s.Taken = taken
			after = slices.DeleteFunc(after, func(x string) bool { return slices.Contains(before, x) })
			if len(after) > 0 {
				t.Run(c.Name+"/"+try.name, func(t *testing.T) { t.Error(strings.Join(after, "\n")) })
			}
		}
	}
}

// complaints are the errors of an answer to the captures of a scene.
func complaints(t *testing.T, s *cases.Scene) []string {
	t.Helper()
	a, err := Ask(t.Context(), s.Files(), How{Jobs: 1, NodePorts: s.NodePorts})
	if err != nil {
		t.Fatal(err)
	}
	return Compare(&s.Truth, a).Complaints
}
