package netsift

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// origin learns how a report comes about while its captures are analyzed. Only forms that say it need one: checksums cost a
// second reading.
type origin struct {
	command string
	sums    []atomic.Pointer[string]
	done    sync.WaitGroup
}

// newOrigin begins to compute the checksums of captures. A stream can be read only once: its Open is replaced by one that
// sums up what analysis reads.
func newOrigin(ctx context.Context, args []string, in []analyze.Input) *origin {
	o := &origin{command: commandLine(args), sums: make([]atomic.Pointer[string], len(in))}
	var files []int
	for i := range in {
		if !in[i].Stream {
			files = append(files, i)
			continue
		}
		open := in[i].Open
		in[i].Open = func() (io.ReadCloser, error) {
			f, err := open()
			if err != nil {
				return nil, err
			}
			return &summing{ReadCloser: f, hash: sha256.New(), sum: &o.sums[i]}, nil
		}
	}
	opens := make([]func() (io.ReadCloser, error), len(in))
	for i := range in {
		opens[i] = in[i].Open
	}
	o.done.Go(func() {
		for _, i := range files { // one after the other: analysis needs the other processors
			if f, err := opens[i](); err == nil {
				s := &summing{ReadCloser: f, hash: sha256.New(), sum: &o.sums[i]}
				io.Copy(io.Discard, &cancelled{ctx, s})
				s.Close()
			}
		}
	})
	return o
}

// report waits for the checksums.
func (o *origin) report() *report.Origin {
	o.done.Wait()
	r := &report.Origin{Command: o.command}
	for i := range o.sums {
		s := ""
		if p := o.sums[i].Load(); p != nil {
			s = *p
		}
		r.SHA256 = append(r.SHA256, s)
	}
	return r
}

// summing adds up what is read, and states the sum at the end.
type summing struct {
	io.ReadCloser
	hash hash.Hash
	sum  *atomic.Pointer[string]
}

// Read implements io.Reader.
func (s *summing) Read(b []byte) (int, error) {
	n, err := s.ReadCloser.Read(b)
	s.hash.Write(b[:n])
	if err == io.EOF {
		sum := hex.EncodeToString(s.hash.Sum(nil))
		s.sum.Store(&sum)
	}
	return n, err
}

// cancelled is a reader that ends when the user interrupts the program.
type cancelled struct {
	ctx context.Context
	io.Reader
}

// Read implements io.Reader.
func (c *cancelled) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(b)
}

// placed are the flags whose values are paths, or NAME=PATH,PATH.
var placed = []string{"cluster", "config", "links", "node", "redact-key"}

// told returns the arguments as a report may tell them: a path is a file's name, and where the report was written to is left out. files are the
// captures among them.
func told(args, files []string) []string {
	names := map[string]string{}
	for i, name := range report.ShortPaths(files) {
		names[files[i]] = name
	}
	short := func(p string) string {
		if name, ok := names[p]; ok {
			return name
		}
		if strings.HasPrefix(p, "/dev/") { // the same everywhere
			return p
		}
		return report.ShortPaths([]string{p})[0]
	}
	var list []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		name, value, joined := strings.Cut(a, "=")
		dashes := len(name) - len(strings.TrimLeft(name, "-"))
		flag := name[dashes:]
		switch {
		case dashes == 0 || flag == "":
			if name, ok := names[a]; ok {
				a = name
			}
			list = append(list, a)
		case flag == "write" || flag == "w":
			if !joined {
				i++
			}
		case !slices.Contains(placed, flag):
			list = append(list, a)
		case joined:
			list = append(list, name+"="+eachPath(value, short))
		default:
			list = append(list, a)
			if i++; i < len(args) {
				list = append(list, eachPath(args[i], short))
			}
		}
	}
	return list
}

// eachPath changes the paths in a flag's value.
func eachPath(value string, change func(string) string) string {
	name, paths, named := strings.Cut(value, "=")
	if !named || strings.Contains(name, "/") {
		return change(value)
	}
	list := strings.Split(paths, ",")
	for i := range list {
		list[i] = change(list[i])
	}
	return name + "=" + strings.Join(list, ",")
}

// filesOf returns the files of values NAME=FILE,FILE.
func filesOf(values []string) []string {
	var files []string
	for _, v := range values {
		if _, paths, ok := strings.Cut(v, "="); ok {
			files = append(files, strings.Split(paths, ",")...)
		}
	}
	return files
}

// commandLine returns the command that ran the program, as one could enter it again.
func commandLine(args []string) string {
	words := make([]string, 0, 1+len(args))
	words = append(words, "netsift")
	for _, a := range args {
		words = append(words, rules.ShellWord(a))
	}
	return strings.Join(words, " ")
}
