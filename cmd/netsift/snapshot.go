package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/root"
	"github.com/netsift/netsift/rules"
)

// The bounds of a directory: how many files are read of it, and how deep they may lie.
const maxSnapshotFiles, maxSnapshotDepth = 10000, 4

// snapshot reads the snapshots that --cluster names, and returns the names that they give; nil without one.
func (l *line) snapshot(hidden *redact.Redaction) *snapshot.Names {
	var files []snapshot.File
	for _, name := range l.StringSlice("cluster") {
		more, err := snapshotFiles(l.env, name)
		if err != nil {
			l.failf("--cluster %s: %v", name, err)
			return nil
		}
		files = append(files, more...)
	}
	if files == nil {
		return nil
	}
	s := snapshot.Read(files)
	for _, w := range s.Warnings {
		fmt.Fprintln(l.env.Stderr, "netsift: --cluster:", report.Clean(w))
	}
	return snapshot.NewNames(hidden.Snapshot(s))
}

// snapshotFiles returns a file, or those in a directory.
func snapshotFiles(e *Env, name string) ([]snapshot.File, error) {
	info, err := e.Stat(name)
	if err == nil && info.IsDir() {
		var files []snapshot.File
		return files, inDirectory(e, name, "", maxSnapshotDepth, &files)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("no such file; check the name")
	}
	return []snapshot.File{{Name: filepath.Base(name), Open: func() (io.ReadCloser, error) { return open(e, name) }}}, nil
}

// inDirectory adds the files in a directory, and in those in it. Their names are shown as under.
func inDirectory(e *Env, name, under string, depth int, files *[]snapshot.File) error {
	entries, err := e.ReadDir(name)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		file, shown := filepath.Join(name, entry.Name()), path.Join(under, entry.Name())
		info, err := e.Stat(file)
		switch {
		case err != nil || !info.IsDir() && !info.Mode().IsRegular():
		case info.IsDir() && depth > 0:
			if err := inDirectory(e, file, shown, depth-1, files); err != nil {
				return err
			}
		case info.IsDir():
			return fmt.Errorf("%s lies too deep", file)
		case len(*files) == maxSnapshotFiles:
			return fmt.Errorf("more than %d files", maxSnapshotFiles)
		default:
			*files = append(*files, snapshot.File{Name: shown, Open: func() (io.ReadCloser, error) { return open(e, file) }})
		}
	}
	return nil
}

// holdAgainst holds a snapshot against facts, and says on standard error what that brings up.
func holdAgainst(e *Env, names *snapshot.Names, facts *fact.Facts) {
	for _, remark := range names.Fit(facts) {
		fmt.Fprintln(e.Stderr, "netsift: --cluster:", report.Clean(remark))
	}
}

// fit is holdAgainst for a request, with or without a snapshot, for facts as they are.
func (q *request) fit(e *Env, facts *fact.Facts) {
	if q.names == nil {
		return
	}
	if q.hidden != nil {
		facts = q.hidden.Facts(facts)
	}
	holdAgainst(e, q.names, facts)
}

// nameConnection names the parties of a connection as it is to be shown.
func (q *request) nameConnection(c *fact.Connection) {
	if q.names != nil {
		q.names.Connection(c)
	}
}

// nameLookup names the parties of a lookup as it is to be shown.
func (q *request) nameLookup(l *fact.Lookup) {
	if q.names != nil {
		q.names.Lookup(l)
	}
}

// nameFindings gives findings, and the places that they are about, their names, and the causes that the snapshot tells.
func nameFindings(names *snapshot.Names, facts *fact.Facts, findings []rules.Finding) {
	for i := range findings {
		f := &findings[i]
		var proto fact.Proto
		if f.Example != nil {
			proto = f.Example.Proto
		}
		objects := func(p *rules.Place) *fact.Objects {
			return names.Objects(p.Client, p.Service, p.Backend, p.Server, proto, snapshot.Span{First: f.First, Last: f.Last})
		}
		f.Objects, f.Root = objects(&f.Place), root.Find(f, facts, names)
		for k := range f.Affected {
			f.Affected[k].Objects = objects(&f.Affected[k].Place)
		}
	}
}
