package netsift

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// making says how a file is made.
type making uint8

const (
	// replacing makes it beside the one that has its name, and renames it when it is complete: whatever goes wrong, the older
	// file is there still, or none.
	replacing making = iota
	// growing makes it in place, for others to follow.
	growing
	// private is replacing for the user's eyes only. It takes the place of a link, and never follows it.
	private
)

// made is a file that is being made.
type made interface {
	io.Writer
	// Close completes it.
	Close() error
	// Discard gives up what can be given up of it.
	Discard()
}

// create makes a file. Pipes and devices are written to as they are.
func create(name string, how making) (made, error) {
	if how == growing {
		return inPlace(name)
	}
	perm := fs.FileMode(0o666)
	var old fs.FileInfo
	if how == private {
		perm = 0o600
	} else if info, err := os.Stat(name); err == nil {
		if !info.Mode().IsRegular() {
			return inPlace(name)
		}
		// The folder may allow it where the file does not.
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		f.Close()
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return nil, err
		}
		old, perm = info, info.Mode().Perm()
	}
	var random [8]byte
	rand.Read(random[:])
	beside := filepath.Join(filepath.Dir(name), ".netsift-"+hex.EncodeToString(random[:]))
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if errors.Is(err, fs.ErrPermission) && old != nil {
		return inPlace(name) // the file may be written, and its folder not
	}
	if err != nil {
		return nil, called(name, err)
	}
	if old != nil {
		f.Chmod(perm) // the umask is for new files
	}
	return &newFile{f, name}, nil
}

// newFile is a file that takes its name's place when it is complete.
type newFile struct {
	*os.File
	name string
}

// Close implements made.
func (f *newFile) Close() error {
	err := f.File.Close()
	if err == nil {
		err = os.Rename(f.File.Name(), f.name)
	}
	if err != nil {
		os.Remove(f.File.Name())
	}
	return called(f.name, err)
}

// Write implements io.Writer.
func (f *newFile) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	return n, called(f.name, err)
}

// Discard implements made.
func (f *newFile) Discard() {
	f.File.Close()
	os.Remove(f.File.Name())
}

// called returns an error of a file as one of the file that the user knows.
func called(name string, err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return &fs.PathError{Op: path.Op, Path: name, Err: path.Err}
	case errors.As(err, &link):
		return &fs.PathError{Op: link.Op, Path: name, Err: link.Err}
	}
	return err
}

// oldFile is a file that is written in place.
type oldFile struct{ *os.File }

func inPlace(name string) (made, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	return oldFile{f}, nil
}

// Discard implements made: what others may have read stays.
func (f oldFile) Discard() { f.Close() }
