package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"

	"github.com/netsift/netsift/cmd/internal/netsift"
)

// ReportFn analyzes the facts of all captures as netsift analyze does: it is that program, whose files are the facts.
type ReportFn struct {
	// Args are flags of netsift analyze.
	Args []string
	// Output is what the names of the results begin with.
	Output string
}

// ProcessElement writes the results, and emits what their names begin with. They are the same whatever order the parts come in and whoever writes them once more, so a worker that dies
// after it has written some does no harm.
func (fn *ReportFn) ProcessElement(ctx context.Context, _ int, next func(*Part) bool, emit func(string)) error {
	env := system()
	file, err := env.Spool()
	if err != nil {
		return err
	}
	defer file.Close()
	s := &spool{file: file, files: map[string]*spooled{}}
	for part := (Part{}); next(&part); part = (Part{}) {
		if err := s.add(&part); err != nil {
			return err
		}
	}
	names, err := s.names()
	if err != nil {
		return err
	}
	log.Infof(ctx, "the report is made of %d bytes of facts of %d files", s.size, len(names))
	if err := fn.write(ctx, env, s, names); err != nil {
		return err
	}
	emit(fn.Output)
	return nil
}

// write writes the results.
func (fn *ReportFn) write(ctx context.Context, env netsift.Env, s *spool, names []string) error {
	var said, report, text bytes.Buffer
	env.Context, env.Stdout, env.Stderr = ctx, &report, &said
	env.Stat = func(name string) (fs.FileInfo, error) {
		if f := s.files[name]; f != nil {
			return f, nil
		}
		return stat(name)
	}
	env.Open = func(name string) (io.ReadCloser, error) {
		if f := s.files[name]; f != nil {
			return s.open(f)
		}
		return open(ctx, name)
	}
	line := slices.Concat([]string{"analyze"}, fn.Args, []string{"-o", "json", "--"}, names)
	if err := analyze(ctx, &env, line); err != nil {
		return fmt.Errorf("%w\n%s", err, said.String())
	}
	for s := range strings.Lines(said.String()) {
		log.Warn(ctx, strings.TrimSuffix(s, "\n"))
	}
	said.Reset()
	env.Stdin, env.Stdout = bytes.NewReader(report.Bytes()), &text
	if err := analyze(ctx, &env, []string{"report", "-"}); err != nil {
		return fmt.Errorf("%w\n%s", err, said.String())
	}
	env.Stdout = io.Discard
	return errors.Join(
		save(ctx, fn.Output+".json", func(w io.Writer) error { _, err := w.Write(report.Bytes()); return err }),
		save(ctx, fn.Output+".txt", func(w io.Writer) error { _, err := w.Write(text.Bytes()); return err }),
		save(ctx, fn.Output+".parquet", func(w io.Writer) error {
			rows, err := newConnections(w)
			if err != nil {
				return err
			}
			// A pass of its own: an analysis that is asked for connections keeps other examples in its report.
			env.Connection = rows.add
			return errors.Join(analyze(ctx, &env, line), rows.close())
		}),
	)
}

// analyze runs netsift. A finding that --fail-on is to fail on is no failure of the pipeline.
func analyze(ctx context.Context, env *netsift.Env, args []string) error {
	if code := netsift.Run(ctx, env, args); code != netsift.ExitOK && code != netsift.ExitFinding {
		return fmt.Errorf("netsift %s failed with exit code %d", args[0], code)
	}
	return nil
}

// stat tells about a file that a flag names, such as the snapshot of --cluster. One in a bucket is a file if it can be opened.
func stat(name string) (fs.FileInfo, error) {
	if strings.Contains(name, "://") {
		return &spooled{name: name}, nil
	}
	return os.Stat(name)
}

// system returns the Env of netsift, without a terminal.
func system() netsift.Env {
	env := *systemEnv()
	env.StdinTTY, env.StdoutTTY, env.StderrTTY, env.StdoutClosed, env.Width = false, false, false, false, 0
	return env
}

// systemEnv returns the Env of this process. What it does to signals is undone: a worker ends by them.
var systemEnv = sync.OnceValue(func() *netsift.Env {
	defer signal.Reset(os.Interrupt, syscall.SIGTERM)
	return netsift.SystemEnv()
})
