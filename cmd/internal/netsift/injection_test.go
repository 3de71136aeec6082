package netsift

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/corpus/cases"
)

// The names that strangers choose: what would do harm in one form or another, and what a spreadsheet takes for a formula.
var (
	strangeNames = []string{
		"</script></style></title>--><evil onload=alert(1)>\"'><evil x=\"]]><evil/><!--",
		"[x](javascript:evil) ![x](www.evil.example) `x` **evil** | <evil> #35;evil;%%{init}%%{{.}}${evil}",
		"x\nevil->>y: z\r\n\n# evil\x1b[31mevil\u202e\x00",
	}
	formulas = []string{`=cmd|' /C calc'!A0`, `@SUM(1)`, "\t=1", "＝1", ` -1`}
)

// dnsSpelled spells a name in labels of 60 bytes as DNS names are written (RFC 1035, section 5.1).
func dnsSpelled(name string) string {
	var b strings.Builder
	for i, c := range []byte(name) {
		if i > 0 && i%60 == 0 {
			b.WriteByte('.')
		}
		fmt.Fprintf(&b, `\%03d`, c)
	}
	return b.String()
}

// strange returns captures, a snapshot and a policy in which strangers have chosen every name, and the arguments that give them to analyze.
func strange(t *testing.T, name string) (files fstest.MapFS, args []string) {
	t.Helper()
	quoted := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	objects := string(demoCluster)
	for _, word := range []string{"shop", "catalog", "storefront", "storefront-0", "catalog-7d4b", "catalog-7d4b-x2m9q", "catalog-4k7zt", "http"} {
		objects = strings.ReplaceAll(objects, `"`+word+`"`, quoted(name))
	}
	objects = strings.ReplaceAll(objects, `"labels": {`, `"annotations": {`+quoted(name)+": "+quoted(name)+`}, "labels": {`+quoted(name)+": "+quoted(name)+", ")
	dns := cases.Case{Name: "strange", Script: func(s *cases.Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		r.Lookup(dnsSpelled(name))
		r.LookupWith(dnsSpelled(name)+".example.com", build.Names{Upstream: s.Outside, UpstreamRefuses: true})
	}}
	files = fstest.MapFS{
		"1.pcap": {Data: demoNode1}, "2.pcap": {Data: demoNode2}, "cluster.json": {Data: []byte(objects)},
		policyFile: {Data: []byte("suppress:\n  - {rule: dns-nxdomain, reason: " + quoted(name) + "}\nrules:\n" +
			"  - {id: user-strange, over: connections, when: 'true', severity: warning, layer: app, title: " + quoted("x {client} "+strings.NewReplacer("{", "", "}", "").Replace(name)) + ", explanation: " + quoted(strings.NewReplacer("{", "", "}", "").Replace(name)) + "}\n")},
	}
	files[name] = &fstest.MapFile{Data: dns.Play().Files()[0].Data}
	args = []string{"--", name, "2.pcap", "1.pcap"}
	if !strings.Contains(name, "=") {
		args = append([]string{"--node", name + "=1.pcap"}, args...)
	}
	return files, args
}

// TestInjection: in no form does a name that a stranger chose become more than text: one of DNS, of a file, a node, an object and its labels, or in a
// policy.
func TestInjection(t *testing.T) {
	code := regexp.MustCompile("(?s)```.*?\n```|``.*?``|`[^`]*`")
	entity := regexp.MustCompile(`#\d+;|<br/>`)
	mermaid := regexp.MustCompile("(?s)\n```mermaid\n(.*?)\n```")
	statement := regexp.MustCompile(`^(sequenceDiagram|    participant p\d+ as [^<>"%;{}]*|    p\d+(->>|-x)p\d+: [^<>"%{}]*|    Note over p\d+(,p\d+)?: [^<>"%{}]*)$`)
	forms := []string{
		"analyze", "analyze -o json", "analyze -o html", "analyze -o markdown", "analyze -o sarif", "analyze -o junit", "flows", "dns", "trace", "stats", "show", "show -o json",
		"report r.json", "report r.json -o json", "report r.json -o html", "report r.json -o markdown", "report r.json -o sarif", "report r.json -o junit",
		"diff r.json r.json", "diff r.json r.json -o json",
	}
	tables := []string{"flows -o csv", "flows --by service -o csv", "dns -o csv"}
	for i, name := range slices.Concat(strangeNames, formulas) {
		if testing.Short() && i > 0 && i != len(strangeNames) {
			continue
		}
		files, args := strange(t, name)
		if i == len(strangeNames) {
			forms = nil
		}
		for _, form := range slices.Concat(forms, tables) {
			e, stdout, stderr := testEnv(files, 0)
			words := strings.Fields(form)
			switch words[0] {
			case "report", "diff": // of what analyze said
			case "stats": // it takes no snapshot
				words = append(words, args...)
			case "show":
				words = append(append(append(words, "--cluster", "cluster.json"), args...), "1.pcap:150-170", "2.pcap:140-180")
			default:
				words = append(append(words, "--cluster", "cluster.json"), args...)
			}
			if code := Run(context.Background(), e, words); code != ExitOK {
				t.Fatalf("%q, %s: exit code %d, %s", name, form, code, stderr)
			}
			said := stdout.String()
			if form == "analyze -o json" {
				files["r.json"] = &fstest.MapFile{Data: []byte(said)}
			}
			bad := func(what string) { t.Errorf("%q, %s: %s", name, form, what) }
			for line := range strings.Lines(said + stderr.String()) {
				if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return !unicode.IsPrint(r) }) {
					bad(fmt.Sprintf("%q", line))
				}
			}
			switch _, kind, _ := strings.Cut(form, "-o "); kind {
			case "json", "sarif":
				if !json.Valid(stdout.Bytes()) {
					bad("no JSON")
				}
			case "html":
				if strings.Contains(said, "<evil") || strings.Contains(said, "<!--") && strings.Contains(name, "<!--") {
					bad("markup")
				}
			case "markdown":
				text := code.ReplaceAllString(said, "")
				if strings.Contains(text, "<evil") || strings.Contains(text, "](javascript") || strings.Contains(text, "**evil") {
					bad("markup")
				}
				for _, m := range mermaid.FindAllStringSubmatch(said, -1) {
					for line := range strings.SplitSeq(m[1], "\n") {
						if !statement.MatchString(entity.ReplaceAllString(line, "")) {
							bad("Mermaid: " + line)
						}
					}
				}
			case "junit":
				for d := xml.NewDecoder(stdout); ; {
					token, err := d.Token()
					if err == io.EOF {
						break
					}
					if err != nil {
						bad(err.Error())
						break
					}
					if x, ok := token.(xml.StartElement); ok && x.Name.Local == "evil" {
						bad("an element")
					}
				}
			case "csv":
				rows, err := csv.NewReader(bytes.NewReader(stdout.Bytes())).ReadAll()
				if err != nil || len(rows) < 2 {
					bad(fmt.Sprintf("%d rows, %v", len(rows), err))
				}
				for _, row := range rows {
					for _, cell := range row {
						if strings.IndexAny(strings.TrimLeft(cell, " "), "=+-@＝\t\r") == 0 {
							bad(fmt.Sprintf("a formula: %q", cell))
						}
					}
				}
			}
		}
	}
}
