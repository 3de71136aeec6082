package netsift

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"path/filepath"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/root"
	"github.com/netsift/netsift/rules"
)

// The bounds of a directory: how many files are read of it, and how deep they may lie.
const maxSnapshotFiles, maxSnapshotDepth = 10000, 4

// snapshot reads the snapshots that --cluster names, and those of bundles, for the names that they give.
func (l *line) snapshot(q *request) {
	var files []snapshot.File
	for _, name := range l.StringSlice("cluster") {
		more, err := snapshotFiles(l.env, name)
		if err != nil {
			l.failf("--cluster %s: %v", name, err)
			return
		}
		files = append(files, more...)
	}
	named := len(files)
	if files = append(files, l.rest...); len(files) == 0 {
		return
	}
	s := snapshot.Read(files)
	for _, w := range s.Warnings {
		fmt.Fprintln(l.env.Stderr, "netsift: --cluster:", report.Clean(w))
	}
	if named == 0 && len(s.Warnings) >= len(files) {
		return // the bundle is one of captures, and something else lies beside them
	}
	q.known = snapshot.NewNames(s)
	if q.names = q.known; q.hidden != nil {
		q.names = snapshot.NewNames(q.hidden.Snapshot(s))
	}
}

// snapshotFiles returns a file, or those in a directory.
func snapshotFiles(e *Env, name string) ([]snapshot.File, error) {
	info, err := e.Stat(name)
	if err == nil && info.IsDir() {
		var files []snapshot.File
		err := inDirectory(e, name, maxSnapshotDepth, new(int), func(path string, f snapshot.File) {
			f.Name = pathFrom(name, path)
			files = append(files, f)
		})
		return files, err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("no such file; check the name")
	}
	return []snapshot.File{{Name: filepath.Base(name), Open: func() (io.ReadCloser, error) { return open(e, name) }}}, nil
}

// pathFrom returns the path of a file from a directory that it lies in, with slashes: a directory may say of which node its files are.
func pathFrom(directory, file string) string {
	if rel, err := filepath.Rel(directory, file); err == nil {
		return filepath.ToSlash(rel)
	}
	return filepath.Base(file)
}

// inDirectory hands on the files in a directory, and in those in it, with their paths. count counts them.
func inDirectory(e *Env, name string, depth int, count *int, add func(path string, f snapshot.File)) error {
	entries, err := e.ReadDir(name)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(name, entry.Name())
		info, err := e.Stat(path)
		switch {
		case err != nil || !info.IsDir() && !info.Mode().IsRegular():
		case info.IsDir() && depth > 0:
			if err := inDirectory(e, path, depth-1, count, add); err != nil {
				return err
			}
		case info.IsDir():
			return fmt.Errorf("%s lies too deep", path)
		case *count == maxSnapshotFiles:
			return fmt.Errorf("more than %d files", maxSnapshotFiles)
		default:
			*count++
			add(path, snapshot.File{Name: entry.Name(), Open: func() (io.ReadCloser, error) { return open(e, path) }})
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
		q.known.Fit(facts)
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

// nameFacts names what facts keep, as it is to be shown.
func (q *request) nameFacts(f *fact.Facts) {
	if q.names != nil {
		q.names.Facts(f)
	}
}

// nameWalk names the parties of a connection and the pods behind the interfaces on its way, as they are to be shown.
func (q *request) nameWalk(w *fact.Walk) {
	if q.names != nil {
		q.names.Walk(w)
	}
}

// nameUse names a Service and its backend, as they are to be shown: by the names that they had all the time.
func (q *request) nameUse(u *report.BackendUse) {
	if q.names != nil {
		u.Objects = q.names.Objects(netip.Addr{}, u.Service, u.Backend, netip.AddrPort{}, u.Proto, snapshot.Span{First: u.First, Last: u.Last})
	}
}

// nameLookup names the parties of a lookup as it is to be shown.
func (q *request) nameLookup(l *fact.Lookup) {
	if q.names != nil {
		q.names.Lookup(l)
	}
}

// nameUnexplained gives what no finding explains its names.
func nameUnexplained(names *snapshot.Names, a *rules.Account) {
	for i := range a.Open {
		u := &a.Open[i]
		if c := u.Example; c != nil {
			t := snapshot.Span{First: c.Start, Last: c.End}
			u.Objects = names.Objects(u.Client, u.Service, u.Backend, u.Server, c.Proto, t)
			names.Where(u.Where, t)
		}
	}
}

// nameFindings gives findings, the places that they are about, and the verdict on them their names, and the causes that the snapshot tells.
func nameFindings(names *snapshot.Names, facts *fact.Facts, findings []rules.Finding, v *rules.Verdict) {
	causes := root.New(facts, names)
	for i := range findings {
		f := &findings[i]
		var proto fact.Proto
		if f.Example != nil {
			proto = f.Example.Proto
		}
		objects := func(p *rules.Place) *fact.Objects {
			return names.Objects(p.Client, p.Service, p.Backend, p.Server, proto, snapshot.Span{First: f.First, Last: f.Last})
		}
		f.Objects, f.Root = objects(&f.Place), causes.Find(f)
		f.FillNames()
		title := f.Title
		f.Title = report.Title(f)
		v.Retitle(title, f.Title)
		names.Where(f.Where, snapshot.Span{First: f.First, Last: f.Last})
		for k := range f.Affected {
			f.Affected[k].Objects = objects(&f.Affected[k].Place)
		}
	}
}
