package policy

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/netsift/netsift/rules"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestErrors holds the report of each mistake against testdata/errors.txtar.
func TestErrors(t *testing.T) {
	const golden = "testdata/errors.txtar"
	a, err := txtar.ParseFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	got := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		if strings.HasSuffix(f.Name, ".err") {
			want[f.Name] = string(f.Data)
			continue
		}
		_, err := Parse("netsift.yaml", f.Data)
		if err == nil {
			t.Errorf("%s: no error", f.Name)
			continue
		}
		said := err.Error() + "\n"
		got.Files = append(got.Files, f, txtar.File{Name: f.Name + ".err", Data: []byte(said)})
		if diff := cmp.Diff(want[f.Name+".err"], said); diff != "" && !*update {
			defer func() { // the wanted part comes after the file
				if diff := cmp.Diff(want[f.Name+".err"], said); diff != "" {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
			}()
		}
	}
	if *update {
		if err := os.WriteFile(golden, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func parse(t *testing.T, text string) *Policy {
	t.Helper()
	p, err := Parse("netsift.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestNothing holds that files which say nothing are no mistake.
func TestNothing(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n", "---\n", "{}\n", "suppress:\nrules:\nseverity:\nthresholds:\n", "rules: []\n", "\ufeffselect: all\n", "select: all\r\nfail_on: info\r\n"} {
		p := parse(t, text)
		for _, r := range p.Effective() {
			if !r.On || r.Effective() != r.Rule.Severity {
				t.Errorf("%q changes %s", text, r.ID)
			}
		}
		if p.Limits != defaultLimits() {
			t.Errorf("%q changes thresholds: %+v", text, p.Limits)
		}
	}
}

func TestSelection(t *testing.T) {
	known := []string{"tcp-loss", "cni-a", "cni-b", "user-x"}
	for _, c := range []struct{ text, on string }{
		{"all", "tcp-loss cni-a cni-b user-x"},
		{"none", ""},
		{"-tcp-loss", "cni-a cni-b user-x"},
		{"all,-tcp-loss", "cni-a cni-b user-x"},
		{"all, -cni-*", "tcp-loss user-x"},
		{"-cni-*,cni-b", "tcp-loss cni-b user-x"},
		{"cni-*,-cni-b", "cni-a"},
		{"none,CNI-A", "cni-a"},
		{"-tcp-loss,all", "tcp-loss cni-a cni-b user-x"},
		{"-none", "tcp-loss cni-a cni-b user-x"},
		{"user-x", "user-x"},
	} {
		s, err := ParseSelection(c.text, known)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		var on []string
		for _, id := range known {
			if s.On(id) {
				on = append(on, id)
			}
		}
		if got := strings.Join(on, " "); got != c.on {
			t.Errorf("%q: %q are on, want %q", c.text, got, c.on)
		}
	}
	for _, text := range []string{"", ",", "all,", "-", "tcp-los", "dns-*", "cni-["} {
		if _, err := ParseSelection(text, known); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

// TestFlagGoesFirst holds that --rules overrides the rules that the file turns on and off, and nothing else of it.
func TestFlagGoesFirst(t *testing.T) {
	p := parse(t, "select: all,-cap-*\nseverity: {tcp-loss: off, cni-df-drop: critical}\n")
	if p.On("tcp-loss") || p.On("cap-empty") || !p.On("cni-df-drop") {
		t.Error("the file is not in force")
	}
	q, err := p.WithSelection("all,-svc-hairpin")
	if err != nil {
		t.Fatal(err)
	}
	if !q.On("tcp-loss") || !q.On("cap-empty") || q.On("svc-hairpin") {
		t.Error("the flag is not in force")
	}
	if q.Severity["cni-df-drop"] != rules.Critical {
		t.Error("the flag changes severities")
	}
	if p.On("tcp-loss") {
		t.Error("the flag changed the policy it was applied to")
	}
}

func TestThresholds(t *testing.T) {
	p := parse(t, `thresholds:
  dns_slow_answer: 100ms
  dns_slow_share: 0.2
  dns_very_slow: 2s
  dns_painfully_slow: 1s
  dns_costly_walk: 50ms
  dns_busy_server: 500
  node-port-first: 20000
  node_port_last: 40000
  mtu_large_bytes: 1000
  mtu_sends: 4
  tunnel_packets: 5
  tunnel_silence: 1m30s
  loss_share: 2.5%
  loss_packets: 7
  capture_frames: 20
  capture_snaplen: 96
`)
	want := []string{"100ms", "20%", "2s", "1s", "50ms", "500", "20000", "40000", "1000", "4", "5", "1m30s", "2.5%", "7", "20", "96"}
	for i, x := range want {
		if got := thresholds[i].Value(p.Limits); got != x {
			t.Errorf("%s: %s, want %s", thresholds[i].Name, got, x)
		}
	}
	for i := range thresholds {
		x := &thresholds[i]
		limits := defaultLimits()
		if err := x.value.set(&limits, x.Default()); err != nil || limits != defaultLimits() {
			t.Errorf("%s: its default %s is not what it means: %v", x.Name, x.Default(), err)
		}
		for _, id := range x.Rules {
			if rules.Find(id) == nil {
				t.Errorf("%s: no rule %s", x.Name, id)
			}
		}
		for _, wrong := range []string{"", "NaN", "-1", "1e99", "99999999999999999999", "x"} {
			if err := x.value.set(&limits, wrong); err == nil {
				t.Errorf("%s: %q is taken", x.Name, wrong)
			}
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		pattern, yes, no string
	}{
		{"10.0.0.1", "10.0.0.1 10.0.0.1:80", "10.0.0.2 [::ffff:a00:2]:1"},
		{"10.0.0.0/8", "10.1.2.3:80", "11.0.0.1:80"},
		{"10.0.0.0/8:443", "10.1.2.3:443", "10.1.2.3:80 10.1.2.3"},
		{"*:443", "10.1.2.3:443 [fd00::1]:443", "10.1.2.3:80"},
		{"*", "10.1.2.3:443 [fd00::1]:443 fd00::2", ""},
		{"fd00::1", "[fd00::1]:443 fd00::1", "fd00::2 10.0.0.1"},
		{"[fd00::1]:443", "[fd00::1]:443", "[fd00::1]:80"},
		{"[fd00::/64]:443", "[fd00::9]:443", "[fd01::9]:443"},
		{"fd00::/64", "[fd00::9]:443", "[fd01::9]:443"},
		{"::ffff:10.0.0.1", "10.0.0.1:80", "10.0.0.2:80"},
	} {
		a, err := parseAddresses(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		for _, x := range strings.Fields(c.yes) {
			if !a.matches(addrPort(x)) {
				t.Errorf("%s does not match %s", c.pattern, x)
			}
		}
		for _, x := range strings.Fields(c.no) {
			if a.matches(addrPort(x)) {
				t.Errorf("%s matches %s", c.pattern, x)
			}
		}
	}
	for _, s := range []string{"", "10.0.0", "10.0.0.*", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:70000", "10.0.0.1/8", "[fd00::1", "[fd00::1]x", "[fd00::1]:", "web", ":80", "10.0.0.0/8/8", "fd00::1:zz"} {
		if _, err := parseAddresses(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	a, err := txtar.ParseFile("testdata/errors.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, x := range a.Files {
		f.Add(x.Data)
	}
	f.Add([]byte(example(f)))
	f.Fuzz(func(t *testing.T, text []byte) {
		begin := time.Now()
		defer func() {
			if d := time.Since(begin); d > 5*time.Second { // machines that fuzz are busy
				t.Errorf("took %v", d)
			}
		}()
		p, err := Parse("netsift.yaml", text)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without words")
			}
			lines := 2 // YAML knows more line breaks than editors do
			for _, s := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} {
				lines += bytes.Count(text, []byte(s))
			}
			for _, x := range err.(*Problems).List {
				if x.Line < 0 || x.Column < 0 || x.Line > lines || x.Text == "" {
					t.Fatalf("%+v in %d lines", x, lines)
				}
			}
			return
		}
		// Every accepted policy must work, and soon.
		v := p.Review()
		v.Connection(sampleConnection())
		v.Lookup(sampleLookup())
		found := v.Findings(sampleFindings())
		for i := range found {
			if !p.On(found[i].Rule) || found[i].Severity == 0 || found[i].ID == "" {
				t.Fatalf("%+v", found[i])
			}
		}
		v.Remarks(1)
		p.Effective()
	})
}
