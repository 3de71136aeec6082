package main

import (
	"context"
	"reflect"
	"slices"
	"strconv"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Part]())
	register.DoFn3x1[context.Context, []string, func(int, string), error](&MatchFn{})
	register.DoFn4x1[context.Context, int, string, func(Part), error](&FactsFn{})
	register.DoFn4x1[context.Context, int, func(*Part) bool, func(string), error](&ReportFn{})
	register.Emitter1[string]()
	register.Emitter2[int, string]()
	register.Emitter1[Part]()
	register.Iter1[Part]()
}

// The names of steps.
const factsSteps, reportStep = "facts ", "report"

func factsStep(i int) string { return factsSteps + strconv.Itoa(i+1) }

// build adds the pipeline: names, facts of each file, the report of all. There are that many steps that make facts, which share the files: a runner may have
// each in a worker of its own (see execute), and any runner has a step in as many as it likes.
func build(s beam.Scope, globs []string, steps int, facts FactsFn, report ReportFn) {
	names := beam.ParDo(s.Scope("match"), &MatchFn{}, beam.CreateList(s, [][]string{globs}))
	// A runner would keep what follows in the worker that matched.
	names = beam.Reshuffle(s, names)
	var parts []beam.PCollection
	for i := range steps {
		fn := facts
		fn.Step, fn.Steps = i, steps
		s := s.Scope(factsStep(i))
		// One key: packets of any two captures may be of one connection.
		parts = append(parts, beam.AddFixedKey(s, beam.ParDo(s, &fn, names)))
	}
	last := s.Scope(reportStep)
	written := beam.AddFixedKey(last, beam.ParDo(last, &report, beam.GroupByKey(s, beam.Flatten(s, parts...))))
	// While a step runs that nothing comes out of, Prism asks without a pause whether all of it has come (internal/stage.go: Execute): a core for nothing.
	beam.GroupByKey(s, written)
}

// MatchFn says which files globs stand for.
type MatchFn struct{}

// ProcessElement emits each name once, with its number. A glob that matches nothing is taken for a name, as shells do, so that the report says that there is no such file.
func (*MatchFn) ProcessElement(ctx context.Context, globs []string, emit func(int, string)) error {
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
	for i, name := range slices.Compact(names) {
		emit(i, name)
	}
	return nil
}
