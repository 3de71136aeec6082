package netsift

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules/policy"
)

// policyFile is where a policy is looked for unless --config says otherwise: in the current directory, and nowhere else, so
// that nothing far away changes a result.
const policyFile = "netsift.yaml"

// noPolicy is the name of a file that is none, on all systems.
const noPolicy = "/dev/null"

// readPolicy reads the policy that the user asked for by name, or else the one that lies in the current directory.
func readPolicy(e *Env, name string, asked bool) (*policy.Policy, error) {
	if !asked {
		name = policyFile
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
