package plugin

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/netsift/netsift/cmd/internal/netsift"
)

// files are the captures and the snapshot, under the names that netsift opens them by: streams once, the rest as often as it wants. They lie in no
// directory of the system.
type files struct {
	streams map[string]io.ReadCloser
	// snapshot are files in the folder snapshotFolder, by their paths in it.
	snapshot map[string][]byte
}

// snapshotFolder is where the snapshot seems to be.
const snapshotFolder = "netsift-cluster"

// serve has an Env find the files, and all others where they are.
func (f *files) serve(e *netsift.Env) {
	stat, open, readDir, same := e.Stat, e.Open, e.ReadDir, e.SameFile
	e.Stat = func(name string) (fs.FileInfo, error) {
		name = filepath.ToSlash(name)
		if info := f.stat(name); info != nil {
			return info, nil
		}
		return stat(name)
	}
	e.Open = func(name string) (io.ReadCloser, error) {
		if s, ok := f.streams[name]; ok {
			return s, nil
		}
		if at, ok := strings.CutPrefix(filepath.ToSlash(name), snapshotFolder+"/"); ok && f.snapshot[at] != nil {
			return io.NopCloser(bytes.NewReader(f.snapshot[at])), nil
		}
		return open(name)
	}
	e.ReadDir = func(name string) ([]fs.DirEntry, error) {
		if at := filepath.ToSlash(name); at == snapshotFolder || strings.HasPrefix(at, snapshotFolder+"/") {
			return f.readDir(at), nil
		}
		return readDir(name)
	}
	e.SameFile = func(a, b fs.FileInfo) bool {
		x, ok := a.(info)
		y, ok2 := b.(info)
		if ok || ok2 {
			return x == y
		}
		return same(a, b)
	}
}

func (f *files) stat(name string) fs.FileInfo {
	if _, ok := f.streams[name]; ok {
		return info{name, fs.ModeNamedPipe}
	}
	if name == snapshotFolder {
		return info{name, fs.ModeDir}
	}
	at, ok := strings.CutPrefix(name, snapshotFolder+"/")
	switch {
	case !ok:
		return nil
	case f.snapshot[at] != nil:
		return info{name, 0}
	case len(f.readDir(name)) > 0:
		return info{name, fs.ModeDir}
	}
	return nil
}

func (f *files) readDir(name string) (list []fs.DirEntry) {
	within := strings.TrimPrefix(strings.TrimPrefix(name, snapshotFolder), "/")
	if within != "" {
		within += "/"
	}
	seen := map[string]bool{}
	for at := range f.snapshot {
		rest, ok := strings.CutPrefix(at, within)
		if !ok {
			continue
		}
		entry, _, deeper := strings.Cut(rest, "/")
		if seen[entry] {
			continue
		}
		seen[entry] = true
		mode := fs.FileMode(0)
		if deeper {
			mode = fs.ModeDir
		}
		list = append(list, fs.FileInfoToDirEntry(info{path.Join(name, entry), mode}))
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list
}

// info is the fs.FileInfo of such a file.
type info struct {
	path string
	mode fs.FileMode
}

// Name implements fs.FileInfo.
func (i info) Name() string { return path.Base(i.path) }

// Size implements fs.FileInfo; nobody asks.
func (i info) Size() int64 { return 0 }

// Mode implements fs.FileInfo.
func (i info) Mode() fs.FileMode { return i.mode }

// ModTime implements fs.FileInfo; nobody asks.
func (i info) ModTime() time.Time { return time.Time{} }

// IsDir implements fs.FileInfo.
func (i info) IsDir() bool { return i.mode.IsDir() }

// Sys implements fs.FileInfo.
func (i info) Sys() any { return nil }
