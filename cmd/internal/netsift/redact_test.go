package netsift

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/decode"
)

// secret is a key that replaces nothing by what is in the corpus.
var secret = bytes.Repeat([]byte("netsift's tests "), 2)

// company is in the names of files and nodes of these tests, and in none of netsift's own texts.
const company = "acmefrankfurt"

// redactPolicy is one that speaks of nothing in the corpus, and names the company wherever it can.
const redactPolicy = `suppress:
  - rule: svc-hairpin
    reason: acmefrankfurt knows
  - rule: cni-*
    name: "*.acmefrankfurt.example"
    reason: acmefrankfurt too
rules:
  - {id: user-acmefrankfurt, over: connections, when: 'outcome == "ok" and client.ip != "acmefrankfurt"', severity: info, layer: app, title: "acmefrankfurt of {client}", explanation: "acmefrankfurt {backend}", next_steps: "ping {client} acmefrankfurt"}
  - {id: user-acmefrankfurt-dns, over: lookups, when: 'name != "acmefrankfurt"', severity: info, layer: dns, title: "acmefrankfurt of {name}", group_by: name}
  - {id: user-acmefrankfurt-all, over: findings, when: 'any(affected, within(.client, "10.0.0.0/8")) or name != "acmefrankfurt"', severity: info, layer: dns, title: "acmefrankfurt of {title}"}
`

// originals is all of a capture that no redacted result may hold.
type originals struct {
	addresses, words map[string]bool
}

func (o *originals) addr(key *redact.Key, a netip.Addr) {
	if a.IsValid() && key.Addr(a) != a {
		o.addresses[a.String()] = true
	}
}

func (o *originals) name(key *redact.Key, name string) {
	if key.Name(name) != name && strings.Contains(name, ".") {
		o.words[name] = true
	}
	for label := range strings.SplitSeq(name, ".") {
		if key.Name(label) != label && len(label) > 3 {
			o.words[label] = true
		}
	}
}

// read returns what is in captures: what their frames hold, and what analysis makes of it.
func (o *originals) read(t *testing.T, key *redact.Key, in []analyze.Input) {
	t.Helper()
	_, err := analyze.Run(t.Context(), in, analyze.Config{
		Frame: func(f *analyze.Frame, _ bool) {
			p := f.Packet
			if p.Network != decode.NetOther {
				o.addr(key, p.Src.Netip())
				o.addr(key, p.Dst.Netip())
			}
			if p.MAC != 0 {
				mac := [6]byte{byte(p.MAC >> 40), byte(p.MAC >> 32), byte(p.MAC >> 24), byte(p.MAC >> 16), byte(p.MAC >> 8), byte(p.MAC)}
				if key.MAC(mac) != mac {
					o.words[net.HardwareAddr(mac[:]).String()] = true
				}
			}
		},
		Connection: func(c *fact.Connection) {
			for _, l := range c.Legs {
				for _, e := range l.Encap {
					o.addr(key, e.Src)
					o.addr(key, e.Dst)
				}
			}
			for _, e := range c.Errors {
				o.addr(key, e.Src)
			}
		},
		Lookup: func(l *fact.Lookup) {
			o.name(key, l.Name)
			for _, c := range l.Candidates {
				o.name(key, c.QName)
			}
			for _, a := range l.Answer {
				o.addr(key, a)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// leaks returns the originals that are in text.
func (o *originals) leaks(text string) []string {
	var list []string
	if strings.Contains(text, company) {
		list = append(list, company)
	}
	for a := range o.addresses {
		if within(text, a, "0123456789abcdef.:") {
			list = append(list, a)
		}
	}
	for w := range o.words {
		if within(text, w, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") {
			list = append(list, w)
		}
	}
	slices.Sort(list)
	return list
}

// within reports whether a word is in a text, with no letter of its kind beside it. An address may be followed by a colon and
// a port, or end a sentence.
func within(text, word, letters string) bool {
	for {
		i := strings.Index(text, word)
		if i < 0 {
			return false
		}
		end := i + len(word)
		before := i > 0 && strings.IndexByte(letters, text[i-1]) >= 0
		after := end < len(text) && strings.IndexByte(strings.Trim(letters, ".:"), text[end]) >= 0 ||
			end+1 < len(text) && text[end] == '.' && strings.Contains(letters, ".") && text[end+1] >= '0' && text[end+1] <= '9'
		if !before && !after {
			return true
		}
		text = text[i+1:]
	}
}

// redactEnv is a testEnv in which chance is none.
func redactEnv(files fstest.MapFS) (e *Env, stdout, stderr *bytes.Buffer) {
	e, stdout, stderr = testEnv(files, 0)
	e.Random = bytes.NewReader(secret)
	return e, stdout, stderr
}

// redactForms are all results that say anything of a capture.
var redactForms = []string{
	"analyze", "analyze -o json", "analyze -o markdown", "analyze -o html", "analyze -o sarif", "analyze -o junit",
	"flows", "flows -o json", "flows -o csv --sort start", "flows --by service", "flows --by service -o json", "flows --by service -o csv",
	"dns", "dns -o json", "dns -o csv", "trace", "trace -o json", "stats", "stats -o json",
}

// TestRedactCorpus holds that no result of any capture of the corpus holds anything that was replaced, and that rules find the
// same as without. Each case tries a third of the forms, and each form a third of the cases.
func TestRedactCorpus(t *testing.T) {
	ours := said(t)
	for n, c := range cases.Some(testing.Short()) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			turn := func(i int) bool { return (n+i)%3 == 0 }
			files := fstest.MapFS{policyFile: {Data: []byte(redactPolicy)}}
			var names []string
			var in []analyze.Input
			for _, f := range c.Play().Files() {
				name := "/srv/" + company + "/" + company + "-" + f.Name
				files[name[1:]] = &fstest.MapFile{Data: f.Data}
				names = append(names, name[1:])
				in = append(in, analyze.Input{Name: f.Name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.Data)), nil }})
			}
			o := &originals{map[string]bool{}, map[string]bool{}}
			key := redact.NewKey(secret) // not for several goroutines
			o.read(t, key, in)
			for w := range o.words {
				if within(ours, w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
					delete(o.words, w) // a word of netsift's own
				}
			}
			e, stdout, _ := redactEnv(files)
			if Run(context.Background(), e, append([]string{"flows", "-o", "json"}, names...)); stdout.Len() > 0 && len(o.leaks(stdout.String())) < 2 {
				t.Errorf("what is not redacted seems to be: nothing of %v", o)
			}
			for i, form := range redactForms {
				if !turn(i) {
					continue
				}
				e, stdout, stderr := redactEnv(files)
				e.Args = append(strings.Fields(form+" --redact"), names...)
				if code := Run(context.Background(), e, e.Args); code != ExitOK {
					t.Errorf("%s: exit code %d, %s", form, code, stderr)
				}
				if list := o.leaks(stdout.String()); len(list) > 0 {
					t.Errorf("%s says %s", form, strings.Join(list, ", "))
				}
				if strings.HasPrefix(form, "analyze") && !strings.Contains(strings.ToLower(stdout.String()), "redacted") {
					t.Errorf("%s does not say that it is redacted", form)
				}
			}
			for i, form := range []string{"flows -o json", "dns -o json", "trace -o json", "stats -o json"} {
				if !turn(i) {
					continue
				}
				args := append(strings.Fields(form), names...)
				if diff := cmp.Diff(numbers(t, files, args), numbers(t, files, append(args, "--redact"))); diff != "" {
					t.Errorf("%s has other numbers (-original +redacted):\n%s", form, diff)
				}
			}
			for i, form := range []string{"live", "live -o json"} { // it reads one capture
				if !turn(i) {
					continue
				}
				e, stdout, stderr := redactEnv(files)
				if code := Run(context.Background(), e, append(strings.Fields(form+" --redact"), names[0])); code != ExitOK {
					t.Errorf("%s: exit code %d, %s", form, code, stderr)
				}
				if list := o.leaks(stdout.String()); len(list) > 0 {
					t.Errorf("%s says %s", form, strings.Join(list, ", "))
				}
			}
			if diff := cmp.Diff(outcome(t, files, names), outcome(t, files, append(names, "--redact"))); diff != "" {
				t.Errorf("rules find other things (-original +redacted):\n%s", diff)
			}
		})
	}
}

// TestRedactedReports holds that of fifty reports, each with a key of its own, none has an original address: neither as it was, nor because
// another became it.
func TestRedactedReports(t *testing.T) {
	files := fstest.MapFS{"a.pcap": {Data: demoNode1}}
	o := &originals{map[string]bool{}, map[string]bool{}}
	o.read(t, redact.NewKey(secret), []analyze.Input{{Name: "a.pcap", Open: func() (io.ReadCloser, error) { return files.Open("a.pcap") }}})
	if len(o.addresses) < 5 {
		t.Fatalf("only %v", o.addresses)
	}
	o.words = nil
	for n := range 50 {
		e, stdout, stderr := redactEnv(files)
		e.Random = bytes.NewReader(append([]byte{byte(n)}, secret...))
		form := redactForms[n%len(redactForms)]
		if code := Run(context.Background(), e, append(strings.Fields(form), "--redact", "a.pcap")); code != ExitOK {
			t.Fatalf("%s: exit code %d, %s", form, code, stderr)
		}
		if list := o.leaks(stdout.String()); len(list) > 0 {
			t.Errorf("key %d: %s has %q", n, form, list)
		}
	}
}

// said is what netsift says in all reports, whatever is in the captures.
func said(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, args := range []string{"rules -o markdown", "rules -o json", "demo -o html", "demo -o json", "demo -o markdown", "demo -o sarif", "demo -o junit", "demo"} {
		e, stdout, _ := testEnv(nil, 0)
		if code := Run(context.Background(), e, strings.Fields(args)); code != ExitOK {
			t.Fatalf("%s: exit code %d", args, code)
		}
		all.WriteString(stdout.String())
	}
	return all.String()
}

// numbers returns the JSON values that a command writes, without their texts.
func numbers(t *testing.T, files fstest.MapFS, args []string) []any {
	t.Helper()
	e, stdout, stderr := redactEnv(files)
	if code := Run(context.Background(), e, args); code != ExitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var list []any
	for d := json.NewDecoder(stdout); ; {
		var v any
		if err := d.Decode(&v); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, textless(v))
	}
}

func textless(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "redacted")
		for key, x := range v {
			v[key] = textless(x)
		}
	case []any:
		for i, x := range v {
			v[i] = textless(x)
		}
	case string:
		return ""
	}
	return v
}

// outcome returns what analyze finds, without addresses and names.
func outcome(t *testing.T, files fstest.MapFS, args []string) []string {
	t.Helper()
	e, stdout, stderr := redactEnv(files)
	if code := Run(context.Background(), e, append([]string{"analyze", "-o", "json"}, args...)); code != ExitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var r struct {
		Verdict struct {
			Layer  string
			Layers map[string]string
		}
		Findings []struct {
			Rule, Severity, Certainty, First, Last, Recovered string
			Count                                             int
			AffectedTotal                                     int `json:"affected_total"`
			Evidence                                          []struct{ Frame int }
			Connections                                       []string
		}
		Suppressed []struct{ Rule string }
		Summary    any
	}
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	list := []string{fmt.Sprint(r.Verdict), fmt.Sprint(r.Suppressed), fmt.Sprint(r.Summary)}
	for _, f := range r.Findings {
		if strings.HasPrefix(f.Rule, "user-") {
			f.Rule = "user"
		}
		list = append(list, fmt.Sprint(f.Rule, f.Severity, f.Certainty, f.First, f.Last, f.Recovered, f.Count, f.AffectedTotal, f.Evidence, len(f.Connections)))
	}
	slices.Sort(list[3:])
	return list
}
