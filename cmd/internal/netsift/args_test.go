package netsift

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArrange(t *testing.T) {
	app := newApp(&Env{})
	for _, c := range []struct{ in, want string }{
		{"analyze a b", "analyze -- a b"},
		{"analyze -o json a b", "analyze -o json -- a b"},
		{"analyze a -o json b", "analyze -o json -- a b"},
		{"analyze a b --output=json", "analyze --output=json -- a b"},
		{"dns a --wasted b", "dns --wasted -- a b"},
		{"dns --wasted=false a", "dns --wasted=false -- a"},
		{"analyze a -- -o json", "analyze -- a -o json"},
		{"analyze -", "analyze -- -"},
		{"analyze -o - a", "analyze -o - -- a"},
	} {
		got, err := arrange(app, strings.Fields(c.in))
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", c.in, diff)
		}
	}
}
