package netsift

import (
	"context"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/cmd/internal/report"
)

// Run runs the program netsift with these arguments and returns its exit code.
func Run(ctx context.Context, e *Env, args []string) int {
	err := command(ctx, e, args)
	if err != nil && err.Error() != "" {
		fmt.Fprintln(e.Stderr, "netsift:", report.Clean(err.Error()))
	}
	return exitCode(err)
}

func command(ctx context.Context, e *Env, args []string) error {
	if err := e.Limits.enough(); err != nil {
		return err
	}
	app := newApp(e)
	if n := len(args); n > 0 && args[n-1] == completionFlag {
		return complete(e.Stdout, app, args[:n-1])
	}
	if said, ok := asksForHelp(app, args); ok {
		_, err := io.WriteString(e.Stdout, said)
		return err
	}
	args, err := arrange(app, args)
	if err != nil {
		return err
	}
	return app.RunContext(ctx, append([]string{app.Name}, args...))
}

// newApp returns the command line's description.
func newApp(e *Env) *cli.App {
	app := &cli.App{
		Name:     "netsift",
		Usage:    "says why traffic in a Kubernetes cluster fails, from packet captures",
		Version:  Version,
		Commands: commands(e),
		// A comma in a file name is no separator; flags that take lists split them themselves.
		DisableSliceFlagSeparator: true,
		// The library's flags for help and version are shared by all apps of a process; see help.go.
		HideHelp:    true,
		HideVersion: true,
		Reader:      e.Stdin,
		Writer:      e.Stdout,
		ErrWriter:   e.Stderr,
		// The caller turns errors into exit codes.
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   func(_ *cli.Context, err error, _ bool) error { return usagef("%v", err) },
	}
	for _, c := range app.Commands {
		c.HideHelp = true
		c.OnUsageError = func(c *cli.Context, err error, _ bool) error {
			return usagef("%v; netsift %s --help lists the flags", err, c.Command.Name)
		}
	}
	return app
}
