package main

import (
	"bytes"
	"compress/gzip"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
)

// stage is a folder with all that an archive for a target holds.
type stage struct {
	target target
	// dir is the folder, whose name is the archive's and that of the folder in it.
	dir string
	// modules are those that are in each program.
	modules map[string][]dependency
}

// name returns the name of the archive, without its ending.
func (s stage) name() string { return filepath.Base(s.dir) }

// document is a text for each archive; they are the same for all systems.
type document struct {
	name string
	text []byte
	mode os.FileMode
}

const (
	manPage   = "man/netsift.1"
	bash      = "completions/netsift.bash"
	zsh       = "completions/_netsift"
	fish      = "completions/netsift.fish"
	completer = "completions/kubectl_complete-netsift" // kubectl runs the program of this name in PATH for the words of a plugin
	licences  = "LICENSES.txt"
)

// documents returns the texts that come from the checkout, and those that the program prints.
func (r *release) documents() (list []document, err error) {
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		text, err := os.ReadFile(filepath.Join(r.root, name))
		if err != nil {
			return nil, err
		}
		list = append(list, document{name, text, 0o644})
	}
	here := filepath.Join(r.work, "here")
	c := exec.Command("go", "build", "-ldflags", r.linkFlags(), "-o", here, "./cmd/netsift")
	c.Dir, c.Stderr = r.root, os.Stderr
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	for _, said := range []struct {
		name string
		args []string
	}{
		{manPage, []string{"man"}}, {bash, []string{"completion", "bash"}}, {zsh, []string{"completion", "zsh"}}, {fish, []string{"completion", "fish"}},
	} {
		text, err := exec.Command(here, said.args...).Output()
		if err != nil {
			return nil, fmt.Errorf("netsift %v: %w", said.args, err)
		}
		list = append(list, document{said.name, text, 0o644})
	}
	return append(list, document{completer, []byte("#!/bin/sh\nexec kubectl-netsift __complete \"$@\"\n"), 0o755}), nil
}

// stage builds both programs for a target, and lays out beside them what belongs to them.
func (r *release) stage(t target, docs []document) (stage, error) {
	s := stage{t, filepath.Join(r.work, fmt.Sprintf("%s_%s_%s_%s", project, r.version, t.os, t.arch)), map[string][]dependency{}}
	for _, p := range programs {
		to := filepath.Join(s.dir, t.exe(p))
		if err := build(r.root, "./cmd/"+p, to, r.linkFlags(), t); err != nil {
			return s, err
		}
		info, err := buildinfo.ReadFile(to)
		if err != nil {
			return s, err
		}
		if !slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "vcs.revision" }) {
			return s, errors.New("the go command finds no commit; it takes a clone, and no work tree of another one")
		}
		if s.modules[p], err = dependencies(r.root, "./cmd/"+p, info, t); err != nil {
			return s, err
		}
	}
	docs = append(docs[:len(docs):len(docs)], document{licences, licenceText(s.modules), 0o644})
	for _, d := range docs {
		if d.name == completer && t.os == "windows" { // which runs no shell scripts
			continue
		}
		if err := s.write(d); err != nil {
			return s, err
		}
	}
	f, err := os.Create(filepath.Join(r.out, s.name()+".cdx.json"))
	if err != nil {
		return s, err
	}
	defer f.Close()
	if err := r.materials(f, s); err != nil {
		return s, err
	}
	return s, f.Close()
}

// write writes a text where it belongs.
func (s stage) write(d document) error {
	to := filepath.Join(s.dir, d.name)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, d.text, d.mode)
}

// linkFlags leave out what only debuggers read, and set the version.
func (r *release) linkFlags() string {
	return "-s -w -X " + module + "/cmd/internal/netsift.Version=" + r.version
}

// gzipped returns a text as gzip has it, with no name and no time.
func gzipped(text []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is right
	w.Write(text)                                         // a buffer takes all
	w.Close()
	return b.Bytes()
}
