// Release makes the files that a version of netsift is published as: both programs for each system, as archives, Debian and RPM packages and an image, with
// the licences of all that is in them, lists of materials (SBOM), a manifest for krew, and checksums.
//
// The same commit gives the same bytes, on any machine with the same version of Go: files have the time of the commit, and nothing tells where or when
// they were made.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	project = "netsift"
	module  = "github.com/netsift/netsift"
	home    = "https://" + module
	summary = "says why traffic in a Kubernetes cluster fails, from packet captures"
)

// programs are the ones that a version has, each in cmd/.
var programs = []string{"netsift", "kubectl-netsift"}

// release is a version that is being made.
type release struct {
	// root is the checkout, work a folder for what is thrown away, out the one for what is published.
	root, work, out string
	// version has no v in front.
	version string
	// time is that of the commit.
	time time.Time
}

func main() {
	version := flag.String("version", "", "version to make, such as 1.2.3 (default the newest one of CHANGELOG.md, and -dev)")
	out := flag.String("o", "", "new folder for the files (default dist in the checkout)")
	only := flag.String("targets", "", "systems, such as linux/amd64,windows/arm64 (default all)")
	flag.Parse()
	if err := makeRelease(*version, *out, *only); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func makeRelease(version, out, only string) error {
	targets, err := parseTargets(only)
	if err != nil {
		return err
	}
	root, err := output(".", "git", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	out, err = filepath.Abs(cmp.Or(out, filepath.Join(root, "dist")))
	if err != nil {
		return err
	}
	if err := os.Mkdir(out, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "release-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	r := &release{root: root, work: work, out: out}
	stamp, err := output(root, "git", "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return err
	}
	r.time = time.Unix(seconds, 0).UTC()
	if changed, err := output(root, "git", "status", "--porcelain"); err != nil {
		return err
	} else if changed != "" {
		fmt.Fprintln(os.Stderr, "release: the checkout has changes, so nobody can make the same files from its commit")
	}
	changes, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	if r.version, err = named(version, string(changes)); err != nil {
		return err
	}
	return r.make(targets)
}

// make makes all files.
func (r *release) make(targets []target) error {
	docs, err := r.documents()
	if err != nil {
		return err
	}
	archives := map[target]string{} // by their names in out
	var staged []stage
	for _, t := range targets {
		s, err := r.stage(t, docs)
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		if archives[t], err = r.archive(s); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		if t.os == "linux" {
			if err := r.packages(s); err != nil {
				return fmt.Errorf("%s: %w", t, err)
			}
			staged = append(staged, s)
		}
	}
	if len(staged) > 0 {
		if err := r.image(staged); err != nil {
			return err
		}
	}
	if err := r.krew(archives); err != nil {
		return err
	}
	return r.checksums()
}

var heading = regexp.MustCompile(`(?m)^## \[([0-9][^\]]*)\]`)

// named returns the version to make. A release is one that the list of changes speaks of.
func named(version, changes string) (string, error) {
	var known []string
	for _, m := range heading.FindAllStringSubmatch(changes, -1) {
		known = append(known, m[1])
	}
	switch {
	case len(known) == 0:
		return "", errors.New("CHANGELOG.md names no version")
	case version == "":
		return known[0] + "-dev", nil
	case !strings.ContainsAny(version, "-+") && !slices.Contains(known, version):
		return "", fmt.Errorf("CHANGELOG.md says nothing about version %s", version)
	}
	return version, nil
}

// output runs a program in a folder and returns what it prints, without the last line's end.
func output(dir, name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Dir, c.Stderr = dir, os.Stderr
	text, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(c.Args, " "), err)
	}
	return strings.TrimSuffix(string(text), "\n"), nil
}
