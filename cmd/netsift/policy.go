package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules/policy"
)

// policyFile is where a policy is looked for unless --config says otherwise: in the current directory, and nowhere else, so
// that nothing far away changes a result.
const policyFile = "netsift.yaml"

// noPolicy is the name of a file that is none, on all systems.
const noPolicy = "/dev/null"

// policyFlags say which rules there are and what they do.
func policyFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "config", Category: categorySelect,
			Usage: "policy `FILE`: rules on or off, severities, thresholds, suppressions, rules of your own (default netsift.yaml " +
				"in the current directory, where there is one; /dev/null for none)",
		},
		&cli.StringFlag{
			Name: "rules", Category: categorySelect,
			Usage: "the rules that are on, as `LIST`: all,-dns-slow or cni-*,svc-*; goes before what the policy file turns on and off",
		},
	}
}

// loadPolicy returns the policy that a command line and the file it names, or that lies beside the call, make.
func loadPolicy(e *Env, c *cli.Context) (*policy.Policy, error) {
	p, err := readPolicy(e, c)
	if err != nil {
		return nil, err
	}
	if c.IsSet("rules") {
		if p, err = p.WithSelection(c.String("rules")); err != nil {
			return nil, usagef("--rules: %v", err)
		}
	}
	return p, nil
}

func readPolicy(e *Env, c *cli.Context) (*policy.Policy, error) {
	name, asked := policyFile, c.IsSet("config")
	if asked {
		name = c.String("config")
	}
	if name == noPolicy {
		return policy.New(), nil
	}
	info, err := e.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !asked:
		return policy.New(), nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("--config %s: no such file; check the name", name)
	case err == nil && info.IsDir():
		return nil, usagef("the policy %s is a directory; name a file with --config", name)
	}
	text, err := readAll(e, name)
	if err != nil {
		return nil, usagef("can't read the policy: %v; --config %s goes without", err, noPolicy)
	}
	p, err := policy.Parse(name, text)
	var problems *policy.Problems
	if errors.As(err, &problems) {
		for _, l := range problems.Lines() {
			fmt.Fprintln(e.Stderr, "netsift:", report.Clean(l))
		}
		return nil, &exitError{code: ExitUsage} // all has been said
	}
	return p, err
}

func readAll(e *Env, name string) ([]byte, error) {
	f, err := e.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, policy.MaxFile+1))
}
