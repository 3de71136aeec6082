package netsift

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/netsift/netsift/corpus/cases"
)

const schemaDir = "../../../docs/schema"

// schemas reads the schemas of docs/schema, by name. Strict ones also refuse fields that they don't have: a published schema lets
// them pass, because fields may be added. A new field must be added to the schema too.
func schemas(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(schemaDir, "*.schema.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no schemas: ", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	ids := map[string]string{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(f)
		f.Close()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		closeObjects(doc)
		id := doc.(map[string]any)["$id"].(string)
		if want := "https://github.com/netsift/netsift/blob/main/docs/schema/" + filepath.Base(name); id != want {
			t.Errorf("%s: its $id is %s", name, id)
		}
		if err := c.AddResource(id, doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		ids[strings.TrimSuffix(filepath.Base(name), ".schema.json")] = id
	}
	list := map[string]*jsonschema.Schema{}
	for name, id := range ids {
		if list[name], err = c.Compile(id); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// closeObjects lets objects have no fields but those that are described.
func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["properties"].(map[string]any); ok {
			v["additionalProperties"] = false
		}
		for _, x := range v {
			closeObjects(x)
		}
	case []any:
		for _, x := range v {
			closeObjects(x)
		}
	}
}

// validate holds each JSON value of text against a schema, and returns how many there were.
func validate(t *testing.T, s *jsonschema.Schema, where string, text []byte) int {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for n := 0; ; n++ {
		var v any
		if err := d.Decode(&v); err == io.EOF {
			return n
		} else if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v", where, err)
			return n
		}
	}
}

// TestSchemasGolden holds the hand-written results against the schemas: they have what captures rarely show.
func TestSchemasGolden(t *testing.T) {
	all := schemas(t)
	for file, schema := range map[string]string{
		"../report/json/testdata/report.json":       "report",
		"../report/json/testdata/empty.json":        "report",
		"../report/json/testdata/connections.jsonl": "connection",
		"../report/json/testdata/lookups.jsonl":     "lookup",
		"../report/json/testdata/services.jsonl":    "service",
		"../report/json/testdata/stats.json":        "stats",
		"../report/json/testdata/rules.json":        "rules",
		"testdata/trace.json":                       "trace",
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if validate(t, all[schema], file, text) == 0 {
			t.Errorf("%s is empty", file)
		}
	}
}

// TestSchemasCorpus holds what the program says about the corpus against the schemas.
func TestSchemasCorpus(t *testing.T) {
	all := schemas(t)
	values := map[string]int{}
	for _, c := range cases.All() {
		files := fstest.MapFS{}
		var names []string
		for _, f := range c.Play().Files() {
			files[f.Name] = &fstest.MapFile{Data: f.Data}
			names = append(names, f.Name)
		}
		for command, schema := range map[string]string{
			"analyze": "report", "flows": "connection", "flows --by service": "service", "dns": "lookup", "stats": "stats", "trace": "trace",
		} {
			e, stdout, stderr := testEnv(files, 0)
			args := append(strings.Fields(command+" -o json"), names...)
			if code := Run(context.Background(), e, args); code != ExitOK {
				t.Errorf("%s, %s: exit code %d, %s", c.Name, command, code, stderr)
				continue
			}
			values[schema] += validate(t, all[schema], c.Name+", "+command, stdout.Bytes())
		}
	}
	files := docFiles(t)
	for name, s := range map[string]string{"rules": "rules -o json", "event": "live -o json node2.pcap.zst"} {
		e, stdout, _ := testEnv(files, 0)
		if code := Run(context.Background(), e, strings.Fields(s)); code != ExitOK {
			t.Errorf("%s: exit code %d", s, code)
		}
		values[name] += validate(t, all[name], s, stdout.Bytes())
	}
	e, stdout, _ := testEnv(savedFiles(t), 0)
	if code := Run(context.Background(), e, strings.Fields("diff before.json after.json -o json")); code != ExitFinding {
		t.Errorf("diff: exit code %d", code)
	}
	values["diff"] += validate(t, all["diff"], "diff", stdout.Bytes())
	for _, args := range []string{"show -o json -x node2.pcap.zst 1-300", "show -o json --cluster cluster.json node1.pcap.zst 1-200", "show -o json dns-node1.pcap refused-node1.pcap dns-node1:1-8 refused-node1:1-8"} {
		e, stdout, stderr := testEnv(files, 0)
		if code := Run(context.Background(), e, strings.Fields(args)); code != ExitOK {
			t.Errorf("%s: exit code %d, %s", args, code, stderr)
		}
		values["show"] += validate(t, all["show"], args, stdout.Bytes())
	}
	for _, name := range []string{"report", "connection", "service", "lookup", "stats", "trace", "rules", "event", "diff", "show"} {
		if values[name] == 0 {
			t.Errorf("nothing was held against the schema %s", name)
		}
	}
}

// TestSchemasCatch shows that the schemas notice what would break a reader.
func TestSchemasCatch(t *testing.T) {
	all := schemas(t)
	text, err := os.ReadFile("../report/json/testdata/connections.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	for name, change := range map[string]func(map[string]any){
		"renamed":    func(c map[string]any) { c["proto_name"] = c["proto"]; delete(c, "proto") },
		"missing":    func(c map[string]any) { delete(c, "snat") },
		"added":      func(c map[string]any) { c["new"] = 1 },
		"other type": func(c map[string]any) { c["packets"] = "14" },
		"other word": func(c map[string]any) { c["outcome"] = "success" },
		"in a list":  func(c map[string]any) { delete(c["legs"].([]any)[0].(map[string]any), "after_us") },
		"no time":    func(c map[string]any) { c["start"] = "yesterday" },
	} {
		var c map[string]any
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		change(c)
		if all["connection"].Validate(c) == nil {
			t.Errorf("%s: not noticed", name)
		}
	}
}

// TestContractFields holds that the contract speaks of every field that a schema has.
func TestContractFields(t *testing.T) {
	text, err := os.ReadFile("../../../docs/contract.md")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, span := range regexp.MustCompile("`[^`\n]+`").FindAllString(string(text), -1) {
		for _, word := range regexp.MustCompile(`[a-z0-9_]+(-way)?`).FindAllString(span, -1) {
			said[word] = true
		}
	}
	files, _ := filepath.Glob(filepath.Join(schemaDir, "*.schema.json"))
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		for _, field := range fields(doc) {
			if !said[field] {
				t.Errorf("docs/contract.md does not speak of %s, which %s has", field, filepath.Base(name))
			}
		}
	}
}

// fields returns the names of all properties in a schema.
func fields(v any) (list []string) {
	switch v := v.(type) {
	case map[string]any:
		if p, ok := v["properties"].(map[string]any); ok {
			for name := range p {
				list = append(list, name)
			}
		}
		for _, x := range v {
			list = append(list, fields(x)...)
		}
	case []any:
		for _, x := range v {
			list = append(list, fields(x)...)
		}
	}
	return list
}
