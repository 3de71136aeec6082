package main

import (
	"context"
	"reflect"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/netsift/netsift/decode"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Part]())
	register.DoFn3x1[context.Context, []string, func(string), error](&MatchFn{})
	register.DoFn3x1[context.Context, string, func(Part), error](&FactsFn{})
	register.DoFn3x1[context.Context, int, func(*Part) bool, error](&ReportFn{})
	register.Emitter1[string]()
	register.Emitter1[Part]()
	register.Iter1[Part]()
}

// build adds the pipeline: names, facts of each file, the report of all.
func build(s beam.Scope, globs []string, ports map[decode.EncapKind][]uint16, report ReportFn) {
	names := beam.ParDo(s.Scope("match"), &MatchFn{}, beam.CreateList(s, [][]string{globs}))
	// A runner would keep what follows in the worker that matched.
	parts := beam.ParDo(s.Scope("facts"), &FactsFn{Ports: ports}, beam.Reshuffle(s, names))
	// One key: packets of any two captures may be of one connection.
	all := beam.GroupByKey(s, beam.AddFixedKey(s, parts))
	beam.ParDo0(s.Scope("report"), &report, all)
}

// MatchFn says which files globs stand for.
type MatchFn struct{}

// ProcessElement emits each name once. A glob that matches nothing is taken for a name, as shells do, so that the report says that there is no such file.
func (*MatchFn) ProcessElement(ctx context.Context, globs []string, emit func(string)) error {
	var names []string
	for _, g := range globs {
		list, err := list(ctx, g)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			list = []string{g}
		}
		names = append(names, list...)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		emit(name)
	}
	return nil
}
