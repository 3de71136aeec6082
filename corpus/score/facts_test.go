package score

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/corpus/traffic"
)

// unseen are fields of facts that no case can fill, with the reason.
var unseen = map[string]string{
	"Capture.Error":         "a case's captures can be read",
	"Capture.Of":            "cases are captures, and no facts files",
	"Interface.MTU":         "it is known from a dump of the node's links, and cases have none",
	"Totals.Live":           "at the end of the input no connection goes on",
	"Totals.Evicted":        "no case fills the memory",
	"Totals.EvictedWays":    "likewise",
	"Totals.EvictedFaults":  "likewise",
	"Totals.EvictedLookups": "likewise",
	"DNSCosts.Evicted":      "likewise",
	"DNSCosts.Partial":      "likewise",
	"Capture.Stream":        "cases are read as files",
	"Stream.Ended":          "likewise",
	"Stream.Late":           "likewise",
	"Stream.Pause":          "likewise",
	"Stream.Silent":         "likewise",
	"Connection.Chosen":     "everything is asked for",
	"Lookup.Chosen":         "likewise",
	"Plain.Chosen":          "likewise",
	"Reach.Chosen":          "likewise",
	"Facts.Part":            "likewise",
	"Part.Connections":      "likewise",
	"Part.Lookups":          "likewise",
	"Part.Failed":           "likewise",
	"Part.Late":             "likewise",
	"Part.Addresses":        "likewise",
	"Heard.Capture":         "it is the first: one capture is enough for so many lookups",
}

// TestEveryFact: each field of a fact has a value in some case. A field that nobody writes is a promise that nobody keeps, and its
// readers report a zero.
func TestEveryFact(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range cases.All() {
		s := c.Play()
		a, err := Ask(t.Context(), s.Files(), How{Jobs: 1, Known: s.Known})
		if err != nil {
			t.Fatal(err)
		}
		fill(seen, reflect.ValueOf(*a.Facts))
	}
	// Lookups are counted, and not kept, where there are thousands.
	o := traffic.Churn
	o.Frames, o.Live, o.Short, o.Requests, o.Lookups = 150_000, 0, 1000, 0, 1000
	var many bytes.Buffer
	if _, err := traffic.Write(&many, o); err != nil {
		t.Fatal(err)
	}
	f, err := analyze.Run(t.Context(), Inputs([]cases.File{{Name: "node1.pcap", Data: many.Bytes()}}), analyze.Config{Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	fill(seen, reflect.ValueOf(*f))
	all := map[string]bool{}
	fields(all, reflect.TypeFor[fact.Facts]())
	if len(all) < 200 {
		t.Errorf("only %d fields were looked at: %v", len(all), all)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch reason, known := unseen[name]; {
		case known && seen[name]:
			t.Errorf("%s is listed as unseen (%s), and some case has it: take it off the list", name, reason)
		case !known && !seen[name]:
			t.Errorf("%s is zero in every case", name)
		}
	}
	for name := range unseen {
		if !all[name] {
			t.Errorf("there is no field %s", name)
		}
	}
}

// fields enters the exported fields of a type of package fact, and of those that it leads to.
func fields(all map[string]bool, t reflect.Type) {
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Pointer:
		fields(all, t.Elem())
	case reflect.Struct:
		if !ofFacts(t) {
			return
		}
		for i := range t.NumField() {
			f := t.Field(i)
			name := nameOf(t, f)
			if f.IsExported() && !all[name] {
				all[name] = true
				fields(all, f.Type)
			}
		}
	}
}

// fill enters the fields that have a value.
func fill(seen map[string]bool, v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			fill(seen, v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fill(seen, v.Elem())
		}
	case reflect.Struct:
		if !ofFacts(v.Type()) {
			return
		}
		for i := range v.NumField() {
			f, x := v.Type().Field(i), v.Field(i)
			empty := x.IsZero() || x.Kind() == reflect.Slice && x.Len() == 0
			if f.IsExported() && !empty {
				seen[nameOf(v.Type(), f)] = true
				fill(seen, x)
			}
		}
	}
}

func ofFacts(t reflect.Type) bool { return strings.HasSuffix(t.PkgPath(), "/analyze/fact") }

func nameOf(t reflect.Type, f reflect.StructField) string {
	return fmt.Sprintf("%s.%s", t.Name(), f.Name)
}
