package netsift

import (
	"errors"
	"io"
	"io/fs"

	"github.com/netsift/netsift/analyze"
)

// overwrites reports whether a result written to the file out would destroy the capture: two names may be one file.
func overwrites(e *Env, out, capture string) bool {
	if out == "" || out == capture {
		return out != ""
	}
	a, err := e.Stat(out)
	if err != nil {
		return false // it is to be made
	}
	b, err := e.Stat(capture)
	return err == nil && a.Mode().IsRegular() && e.SameFile(a, b)
}

// input returns the capture that a name stands for. Errors, also of finding it, come when it is opened: one that can't
// be read is no reason not to read the others.
func input(e *Env, name string) analyze.Input {
	if name == "-" {
		return analyze.Input{Name: "-", Stream: true, Open: func() (io.ReadCloser, error) {
			if e.StdinTTY {
				return nil, errors.New("standard input is the terminal; pipe a capture into it: tcpdump -i any -s 256 -w - | netsift analyze -")
			}
			return io.NopCloser(e.Stdin), nil
		}}
	}
	in := analyze.Input{Name: name, Open: func() (io.ReadCloser, error) { return open(e, name) }}
	// A named pipe or a shell's <(...) can be read only once.
	if info, err := e.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		in.Stream = true
	}
	return in
}

// open opens a file; its errors say what to do.
func open(e *Env, name string) (io.ReadCloser, error) {
	info, err := e.Stat(name)
	if err == nil && info.IsDir() {
		return nil, errors.New("is a directory; name the captures in it")
	}
	var f io.ReadCloser
	if err == nil {
		f, err = e.Open(name)
	}
	if err != nil {
		return nil, Unreadable(err)
	}
	return f, nil
}

// Unreadable returns why a file can't be opened, in words that say what to do. The caller says its name.
func Unreadable(err error) error {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("no such file; check the name")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("permission denied; captures that tcpdump wrote as root may need: sudo chmod a+r FILE")
	case errors.As(err, &pe):
		return pe.Err
	}
	return err
}
