package netsift

import (
	"context"
	"crypto/rand"
	"io"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"

	"github.com/netsift/netsift/analyze/fact"
)

// Env is everything outside of the program that a command may touch. This file is the only one that knows the
// operating system (with create.go for files, memory.go, limits_linux.go, closed_linux.go and console_windows.go), the clock and the terminal; tests hand in an Env of their own.
type Env struct {
	// Context ends when the user interrupts the program.
	Context context.Context
	// Args are the arguments after the program's name.
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// StdinTTY, StdoutTTY and StderrTTY say which of them are terminals, Width how many columns the one at Stdout (or
	// else at Stderr) has; 0 without a terminal.
	StdinTTY, StdoutTTY, StderrTTY bool
	Width                          int
	// StdoutClosed says that standard output leads nowhere, and that nobody seems to have meant it.
	StdoutClosed bool
	// Getenv looks an environment variable up, "" for none.
	Getenv func(name string) string
	// Stat, Open and Remove are those of package os; Create makes a file as how says.
	Stat   func(name string) (fs.FileInfo, error)
	Open   func(name string) (io.ReadCloser, error)
	Create func(name string, how making) (made, error)
	Remove func(name string) error
	// MakeFolder makes a folder, for the user alone, and those that it lies in.
	MakeFolder func(name string) error
	// ReadDir lists a directory in the order of names.
	ReadDir func(name string) ([]fs.DirEntry, error)
	// Spool makes an empty temporary file.
	Spool func() (Spool, error)
	// Random reads unpredictable bytes.
	Random io.Reader
	// SameFile says whether two results of Stat are of one file, under any names.
	SameFile func(a, b fs.FileInfo) bool
	// Now is the clock; it is used for progress and for a live capture's silence, never for another result.
	Now func() time.Time
	// After and Every deliver the time once after d and once each d, until stop is called.
	After func(d time.Duration) <-chan time.Time
	Every func(d time.Duration) (ticks <-chan time.Time, stop func())
	// Terminal opens the terminal that keys come from where standard input is none.
	Terminal func() (io.ReadCloser, error)
	// Listen waits for connections over TCP.
	Listen func(address string) (net.Listener, error)
	// Limits are what the system lets the program have.
	Limits limits
	// Connection, where set, gets each connection of the captures that analyze reads, as the report shows it: redacted where that is. It has the names
	// that are known when it ends.
	Connection func(*fact.Connection)
	// Leave, where set, ends the streams of live when the user has seen enough, so that they may say their last; else live just stops reading.
	Leave func()
	// Exit ends the process.
	Exit func(code int)
}

// Spool is a temporary file. It is gone when it is closed, and when the program ends in whatever way.
type Spool interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// spooled is a temporary file that has its name still: not every system lets an open file be removed.
type spooled struct{ *os.File }

// Close implements io.Closer.
func (s spooled) Close() error {
	err := s.File.Close()
	os.Remove(s.Name())
	return err
}

func newSpool() (Spool, error) {
	f, err := os.CreateTemp("", "netsift-*")
	if err != nil {
		return nil, err
	}
	if os.Remove(f.Name()) == nil {
		return f, nil
	}
	return spooled{f}, nil
}

// SystemEnv returns the Env of this process.
func SystemEnv() *Env {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second interrupt ends the program at once.
	context.AfterFunc(ctx, stop)
	e := &Env{
		Context:    ctx,
		Args:       os.Args[1:],
		Stdin:      os.Stdin,
		Stdout:     os.Stdout,
		Stderr:     os.Stderr,
		StdinTTY:   term.IsTerminal(os.Stdin.Fd()),
		StdoutTTY:  term.IsTerminal(os.Stdout.Fd()) && understands(os.Stdout),
		StderrTTY:  term.IsTerminal(os.Stderr.Fd()) && understands(os.Stderr),
		Getenv:     os.Getenv,
		Stat:       os.Stat,
		Open:       func(name string) (io.ReadCloser, error) { return os.Open(name) },
		Create:     create,
		Remove:     os.Remove,
		MakeFolder: func(name string) error { return os.MkdirAll(name, 0o700) },
		ReadDir:    os.ReadDir,
		Spool:      newSpool,
		Random:     rand.Reader,
		SameFile:   os.SameFile,
		Now:        time.Now,
		After:      time.After,
		Every: func(d time.Duration) (<-chan time.Time, func()) {
			t := time.NewTicker(d)
			return t.C, t.Stop
		},
		Terminal: func() (io.ReadCloser, error) { return os.Open(keyboard) },
		Listen:   func(address string) (net.Listener, error) { return net.Listen("tcp", address) },
		Limits:   systemLimits(),
		Exit:     os.Exit,
	}
	e.StdoutClosed = stdoutClosed()
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if w, _, err := term.GetSize(f.Fd()); err == nil && w > 0 {
			e.Width = w
			break
		}
	}
	// COLUMNS is rarely exported; if it is, the user means it.
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 && e.StdoutTTY {
		e.Width = n
	}
	return e
}

// saying returns an Env whose standard error is w.
func (e *Env) saying(w io.Writer) *Env {
	s := *e
	s.Stderr, s.StderrTTY = w, false
	return &s
}

// silent returns an Env that says nothing on standard error, for one of several readings of the same captures.
func (e *Env) silent() *Env {
	return e.saying(io.Discard)
}
