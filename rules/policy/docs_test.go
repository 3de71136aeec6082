package policy

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/rules"
)

// TestDocs holds the tables of thresholds and fields in docs/policy.md against the code; -update writes them anew.
func TestDocs(t *testing.T) {
	name := filepath.Join("..", "..", "docs", "policy.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for part, generated := range map[string]string{"thresholds": thresholdTable(), "fields": fieldTables()} {
		begin := fmt.Sprintf("<!-- %s: generated -->\n", part)
		before, rest, ok := strings.Cut(want, begin)
		_, after, closed := strings.Cut(rest, "<!-- end -->")
		if !ok || !closed {
			t.Fatalf("no place for %s in %s", part, name)
		}
		want = before + begin + generated + "<!-- end -->" + after
	}
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("%s is stale; go test ./rules/policy -update (-want +got):\n%s", name, diff)
	}
}

func thresholdTable() string {
	var b strings.Builder
	b.WriteString("| threshold | default | of | |\n| --- | --- | --- | --- |\n")
	for i := range thresholds {
		x := &thresholds[i]
		text := x.Text
		if x.Form != "number" {
			text += " (" + x.Form + ")"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", x.Name, x.Default(), strings.Join(x.Rules, ", "), text)
	}
	return b.String()
}

func fieldTables() string {
	var b strings.Builder
	done := map[reflect.Type]bool{}
	for _, over := range []string{overConnections, overLookups, overFindings} {
		fmt.Fprintf(&b, "\n### What a rule over %s sees\n", over)
		fieldTable(&b, reflect.TypeOf(environments[over]), "", done)
	}
	b.WriteString("\n")
	return b.String()
}

// kinds are the types of fields as the documentation has them.
var kinds = map[reflect.Kind]string{reflect.String: "text", reflect.Int: "number", reflect.Float64: "number, or unknown", reflect.Bool: "true or false"}

func fieldTable(b *strings.Builder, t reflect.Type, head string, done map[reflect.Type]bool) {
	if done[t] || t == reflect.TypeFor[endpoint]() {
		return
	}
	done[t] = true
	if head != "" {
		fmt.Fprintf(b, "\nEach of `%s`:\n", head)
	}
	b.WriteString("\n| field | | |\n| --- | --- | --- |\n")
	var below []func()
	for f := range t.Fields() {
		kind, list := f.Type, ""
		if kind.Kind() == reflect.Slice {
			kind, list = kind.Elem(), "list of "
		}
		what := kinds[kind.Kind()]
		switch {
		case kind == reflect.TypeFor[endpoint]():
			what = "endpoint"
		case kind.Kind() == reflect.Struct:
			what = "fields"
			below = append(below, func() { fieldTable(b, kind, f.Tag.Get("expr"), done) })
		}
		if list != "" {
			what += "s" // texts
		}
		what = strings.ReplaceAll(list+what, "fieldss", "fields")
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Tag.Get("expr"), what, f.Tag.Get("doc"))
	}
	for _, x := range below {
		x()
	}
}

// TestExample holds that the example of the documentation is valid, and works as described.
func TestExample(t *testing.T) {
	p := parse(t, example(t))
	if p.On("cap-one-interface") || p.On("svc-hairpin") || !p.On("user-slow-handshake") {
		t.Error("other rules are on")
	}
	if p.MinSeverity != rules.Info || p.FailOn != rules.Critical || p.Limits.LossShare != 0.02 || p.Limits.NodePorts.Last != 22767 {
		t.Errorf("%+v", p)
	}
	v := p.Review()
	v.Connection(sampleConnection())
	for range 3 {
		l := sampleLookup()
		l.Server = addrPort("8.8.8.8:53")
		v.Lookup(l)
	}
	f := sampleFindings()
	f[0].Affected[1].Service = addrPort("10.96.0.1:80")
	var titles []string
	for _, x := range v.Findings(f) {
		titles = append(titles, x.Title)
	}
	want := []string{
		"t", "slow handshake to 10.96.0.50:443: 250 ms", "10.244.1.5 asks 8.8.8.8:53, and not the cluster's DNS",
		"a Service of the platform itself is affected: t",
	}
	if diff := cmp.Diff(want, titles); diff != "" {
		t.Error(diff)
	}
	if s := v.Suppressed(); len(s) != 1 || s[0].Rule != "cap-filtered" {
		t.Errorf("%+v", s)
	}
}

// TestDocumented holds that every field has a description.
func TestDocumented(t *testing.T) {
	var walk func(x reflect.Type)
	walk = func(x reflect.Type) {
		for x.Kind() == reflect.Slice {
			x = x.Elem()
		}
		if x.Kind() != reflect.Struct || x == reflect.TypeFor[endpoint]() {
			return
		}
		for f := range x.Fields() {
			if f.Tag.Get("expr") == "" || f.Tag.Get("doc") == "" {
				t.Errorf("%s.%s has no name or no documentation", x, f.Name)
			}
			walk(f.Type)
		}
	}
	for _, env := range environments {
		walk(reflect.TypeOf(env))
	}
}
