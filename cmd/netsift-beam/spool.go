package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/netsift/netsift/cmd/internal/netsift"
)

// spool keeps the parts of all captures in one temporary file, in whatever order they come.
type spool struct {
	file  netsift.Spool
	size  int64
	files map[string]*spooled
}

// spooled is one capture's facts. It implements fs.FileInfo.
type spooled struct {
	name     string
	sections []section
	size     int64
	fault    string
}

// section is where a part lies.
type section struct {
	number, offset, length int64
	last                   bool
}

// add takes a part.
func (s *spool) add(p *Part) error {
	f := s.files[p.File]
	if f == nil {
		f = &spooled{name: p.File}
		s.files[p.File] = f
	}
	if _, err := s.file.Write(p.Data); err != nil {
		return fmt.Errorf("no room for the facts of all captures: %w", err)
	}
	f.sections = append(f.sections, section{p.Number, s.size, int64(len(p.Data)), p.Last})
	f.fault = cmp.Or(f.fault, p.Fault)
	s.size += int64(len(p.Data))
	f.size += int64(len(p.Data))
	return nil
}

// names returns the names of all captures, sorted, when all parts are there.
func (s *spool) names() ([]string, error) {
	names := slices.Sorted(maps.Keys(s.files))
	for _, name := range names {
		list := s.files[name].sections
		slices.SortFunc(list, func(a, b section) int { return cmp.Compare(a.number, b.number) })
		for i, x := range list {
			if x.number != int64(i) || x.last != (i == len(list)-1) {
				return nil, fmt.Errorf("%s: part %d of its facts is missing, or there twice", name, i)
			}
		}
	}
	return names, nil
}

// open returns the facts of a capture.
func (s *spool) open(f *spooled) (io.ReadCloser, error) {
	if f.fault != "" {
		return nil, errors.New(f.fault)
	}
	readers := make([]io.Reader, len(f.sections))
	for i, x := range f.sections {
		readers[i] = io.NewSectionReader(s.file, x.offset, x.length)
	}
	return io.NopCloser(io.MultiReader(readers...)), nil
}

func (f *spooled) Name() string     { return path.Base(f.name) }
func (f *spooled) Size() int64      { return f.size }
func (*spooled) Mode() fs.FileMode  { return 0o444 }
func (*spooled) ModTime() time.Time { return time.Time{} }
func (*spooled) IsDir() bool        { return false }
func (*spooled) Sys() any           { return nil }
