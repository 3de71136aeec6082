package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/decode"
)

// redactFlags say whether a result is to be shown to others.
func redactFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{
			Name: "redact", Category: categoryOutput,
			Usage: "replace addresses, MAC addresses and names, so that others may see the result; ports, times and sizes stay",
		},
		&cli.StringFlag{
			Name: "redact-key", Category: categoryOutput,
			Usage: "--redact with the secret in `FILE`, so that several results agree (head -c 32 /dev/urandom > FILE makes one); without it each run has its own",
		},
	}
}

// The length of a secret: that of one made for a single run, and the bounds of one in a file.
const newSecret, minSecret, maxSecret = 32, 16, 1 << 16

// redacts reports whether a command line asks for a redacted result.
func redacts(c *cli.Context) bool { return c.Bool("redact") || c.IsSet("redact-key") }

// redaction returns the key that a command line asks for, nil where the result is to show things as they are.
func redaction(e *Env, c *cli.Context) (*redact.Key, error) {
	if c.IsSet("redact-key") {
		return redactionKey(e, c.String("redact-key"))
	}
	if !redacts(c) {
		return nil, nil
	}
	secret := make([]byte, newSecret)
	if _, err := io.ReadFull(e.Random, secret); err != nil {
		return nil, fmt.Errorf("no random numbers for --redact: %w", err)
	}
	return redact.NewKey(secret), nil
}

// redactionKey reads the key of --redact-key.
func redactionKey(e *Env, name string) (*redact.Key, error) {
	f, err := open(e, name)
	if err != nil {
		return nil, usagef("--redact-key %s: %v; head -c 32 /dev/urandom > FILE makes a key", name, err)
	}
	defer f.Close()
	secret, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	switch {
	case err != nil:
		return nil, usagef("--redact-key %s: %v", name, err)
	case len(secret) < minSecret:
		return nil, usagef("--redact-key %s: has %d bytes, too few to keep a secret; make one with head -c 32 /dev/urandom > FILE", name, len(secret))
	case len(secret) > maxSecret:
		return nil, usagef("--redact-key %s: has more than %d bytes; is it a key?", name, maxSecret)
	}
	return redact.NewKey(secret), nil
}

// redactionOf returns what replaces names and addresses in the result of these inputs, nil where nothing is to.
func redactionOf(e *Env, c *cli.Context, in []analyze.Input) (*redact.Redaction, error) {
	key, err := redaction(e, c)
	if key == nil || err != nil {
		return nil, err
	}
	sources := make([]redact.Source, len(in))
	for i, label := range analyze.Labels(in) {
		sources[i] = redact.Source{File: in[i].Name, Label: label, Node: in[i].Node}
	}
	return redact.New(key, sources), nil
}

// hiding redacts frames on their way into a capture.
type hiding struct {
	*redact.Redaction
	frames *redact.Frames
}

// newHiding returns what redacts frames as r redacts all else, nil where r is nil. cfg says where tunnels are.
func newHiding(r *redact.Redaction, cfg analyze.Config) *hiding {
	if r == nil {
		return nil
	}
	return &hiding{r, redact.NewFrames(r.Key(), decode.Options{VXLANPorts: cfg.VXLANPorts, GenevePorts: cfg.GenevePorts})}
}

// redacted returns a callback that hands on to next what r makes of a value; next itself where there is nothing to redact.
func redacted[T any](r *redact.Redaction, of func(*redact.Redaction, *T) *T, next func(*T)) func(*T) {
	if r == nil {
		return next
	}
	return func(x *T) { next(of(r, x)) }
}

func redactedConnections(r *redact.Redaction, next func(*fact.Connection)) func(*fact.Connection) {
	return redacted(r, (*redact.Redaction).Connection, next)
}

func redactedSightings(r *redact.Redaction, next func(*join.Sighting)) func(*join.Sighting) {
	return redacted(r, (*redact.Redaction).Sighting, next)
}

// tellable are flags whose values name nobody.
var tellable = []string{"vxlan-port", "geneve-port", "jobs", "max-memory", "output", "fail-on", "min-severity"}

// redactedCommand returns a command line that says what was done, without what is nobody's business: of the flags only those whose
// values name nobody, and captures by what stands for their names.
func redactedCommand(c *cli.Context, files []string) string {
	words := []string{"netsift", c.Command.Name, "--redact"}
	for _, flag := range tellable {
		if !c.IsSet(flag) {
			continue
		}
		values := c.StringSlice(flag)
		if values == nil {
			values = []string{fmt.Sprint(c.Value(flag))}
		}
		for _, v := range values {
			words = append(words, "--"+flag, shellQuote(v))
		}
	}
	return strings.Join(append(words, files...), " ")
}
