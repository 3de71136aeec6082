package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// target is a system that programs are built for.
type target struct{ os, arch string }

// targets are all of them.
var targets = []target{
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

func (t target) String() string { return t.os + "/" + t.arch }

// exe returns the name of a program's file.
func (t target) exe(program string) string {
	if t.os == "windows" {
		return program + ".exe"
	}
	return program
}

// parseTargets reads a list of systems; an empty one is all.
func parseTargets(list string) ([]target, error) {
	if list == "" {
		return targets, nil
	}
	var chosen []target
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(targets, func(t target) bool { return t.String() == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown system %q, give some of %v", name, targets)
		}
		chosen = append(chosen, targets[i])
	}
	return chosen, nil
}

// environ returns the environment of a go command that works for a target. What it says of itself else has no say in the result.
func (t target) environ() []string {
	return append(os.Environ(), "GOOS="+t.os, "GOARCH="+t.arch, "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0", "GOWORK=off")
}

// build builds a package of the module at root as the program at to. -trimpath takes out where; the commit stays in, as go version -m shows it.
func build(root, pkg, to, flags string, t target) error {
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=true", "-ldflags", flags, "-o", to, pkg)
	c.Dir, c.Env, c.Stderr = root, t.environ(), os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("go build %s: %w", pkg, err)
	}
	return nil
}
