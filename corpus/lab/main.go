// Command lab takes captures of real situations from this machine's kernel and compares netsift's answers with the truth.
// Network namespaces play nodes and pods, with veth, a bridge, VXLAN, conntrack, kube-proxy's and flannel's iptables
// rules and the C libraries' resolvers; none of them is connected with the machine's own network.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/netsift/netsift/corpus/score"
)

const usage = `usage: go run ./corpus/lab [-ci] [-list] [-o DIR] [-from DIR] [-record FILE] [SCENARIO...]

Takes captures of the scenarios (all, if none is named) and scores netsift on them. Needs root, and installs what it needs.
`

// errSkipped reports that there was nothing to do here, and why.
type errSkipped struct{ error }

// errWrong reports that netsift was wrong, or a scenario did not come about.
var errWrong = errors.New("not all is well")

func main() {
	if len(os.Args) == 2 && os.Args[1] == agentArg {
		if err := beAgent(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "agent:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	err := lab(ctx, os.Stdout, os.Args[1:])
	var skipped errSkipped
	switch {
	case errors.As(err, &skipped):
		fmt.Printf("lab: skipped: %v\n", skipped)
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "lab: %v\n", err)
		os.Exit(1)
	}
}

// settings are the command line's.
type settings struct {
	ci, list     bool
	dir, from    string
	record       string
	side         int
	scenarios    []*scenario
	keepCaptures bool
}

func parse(args []string) (*settings, error) {
	s := new(settings)
	flags := flag.NewFlagSet("lab", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	flags.BoolVar(&s.ci, "ci", false, "only the scenarios for every run of .ci/run; what this machine lacks is no failure")
	flags.BoolVar(&s.list, "list", false, "list the scenarios")
	flags.StringVar(&s.dir, "o", "", "leave captures and truth.json in this `folder`, by default nowhere")
	flags.StringVar(&s.from, "from", "", "score the captures that a run with -o left in this `folder`")
	flags.StringVar(&s.record, "record", "", "write the scoreboard to this `file`, for docs/accuracy.md")
	flags.IntVar(&s.side, "j", 3, "how many scenarios play side by side, each in namespaces of its own")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	s.side = max(1, s.side)
	for _, name := range flags.Args() {
		i := slices.IndexFunc(scenarios, func(o *scenario) bool { return o.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no scenario %q; -list lists them", name)
		}
		s.scenarios = append(s.scenarios, scenarios[i])
	}
	if s.scenarios == nil {
		for _, o := range scenarios {
			if !s.ci || o.ci {
				s.scenarios = append(s.scenarios, o)
			}
		}
	}
	s.keepCaptures = s.dir != ""
	return s, nil
}

func lab(ctx context.Context, out io.Writer, args []string) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	switch {
	case s.list:
		for _, o := range s.scenarios {
			fmt.Fprintf(out, "%-24s %s\n", o.name, o.about)
		}
		return nil
	case s.from != "":
		return s.score(ctx, out, s.from, nil)
	}
	if err := s.possible(ctx); err != nil {
		return err
	}
	if !s.keepCaptures {
		if s.dir, err = temporary("captures"); err != nil {
			return err
		}
		defer os.RemoveAll(s.dir)
	}
	defer os.Remove("/etc/netns") // if it is empty
	failed := s.takeAll(ctx, out)
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return s.score(ctx, out, s.dir, failed)
}

// possible makes sure that the scenarios can be played here.
func (s *settings) possible(ctx context.Context) error {
	if os.Geteuid() != 0 {
		err := errors.New("it needs root, to make network namespaces")
		if s.ci {
			return errSkipped{err}
		}
		return err
	}
	removeLeftovers()
	// A run of the tests installs nothing on somebody's own machine.
	err := install(ctx, s.scenarios, !s.ci || os.Getenv("CI") != "")
	if err == nil {
		err = permitted(ctx)
	}
	if err != nil && s.ci && ctx.Err() == nil {
		// Missing packages and a sandbox's refusals are no failure of netsift.
		return errSkipped{err}
	}
	return err
}

// tries is how often a scenario is played until it comes about: a machine that is busy with other things may be late once.
const tries = 2

// takeAll plays the scenarios, some side by side: they wait more than they work. It returns those that did not come about.
func (s *settings) takeAll(ctx context.Context, out io.Writer) map[string]error {
	failed := map[string]error{}
	var mu sync.Mutex
	var wait sync.WaitGroup
	turn := make(chan struct{}, s.side)
	for _, o := range s.scenarios {
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			start := time.Now()
			err := ctx.Err()
			for try := 0; try < tries && (try == 0 || err != nil) && ctx.Err() == nil; try++ {
				err = o.take(ctx, filepath.Join(s.dir, o.name))
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed[o.name] = err
				fmt.Fprintf(out, "%-24s did not come about: %v\n", o.name, err)
				return
			}
			fmt.Fprintf(out, "%-24s taken in %.1f s\n", o.name, time.Since(start).Seconds())
		})
	}
	wait.Wait()
	return failed
}

// score compares netsift's answers on the captures in a folder, one scenario a folder in it.
func (s *settings) score(ctx context.Context, out io.Writer, dir string, failed map[string]error) error {
	board := score.NewBoard()
	var names []string
	wrong, good, skipped := 0, 0, 0
	for _, err := range failed {
		// In a run of the tests, a scenario that can't be played is no failure; another situation than meant is.
		if s.ci && !errors.Is(err, errOther) {
			skipped++
		} else {
			wrong++
		}
	}
	fmt.Fprintln(out)
	for _, o := range s.scenarios {
		if failed[o.name] != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, o.name, truthFile)); s.from != "" && err != nil {
			continue
		}
		w, err := judge(ctx, out, filepath.Join(dir, o.name), board)
		if err != nil {
			return err
		}
		mark := "ok  "
		if w > 0 {
			mark = "FAIL"
		} else {
			good++
		}
		wrong += w
		fmt.Fprintf(out, "%s %s\n", mark, o.name)
		names = append(names, o.name)
	}
	if names == nil && len(failed) == 0 {
		return fmt.Errorf("there are no captures of scenarios in %s", dir)
	}
	fmt.Fprintf(out, "\n%s\n%d passed, %d failed, %d skipped\n", board, good, len(names)-good+len(failed)-skipped, skipped)
	if s.record != "" {
		r := score.Recording{Date: time.Now().UTC().Format(time.DateOnly), Kernel: kernel(), Scenarios: names, Open: open, Board: board}
		text, err := json.MarshalIndent(r, "", " ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(s.record, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	if wrong > 0 {
		return errWrong
	}
	return nil
}
