package netsift

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/decode/capture"
)

// bundle is captures and a snapshot of the cluster in one directory or one archive.
type bundle struct {
	captures []analyze.Input
	// rest are the files that are no captures: the snapshot.
	rest []snapshot.File
	// remarks say what was left out.
	remarks []string
}

// maxBundle bounds what the files of an archive take unpacked, in bytes: an archive of some kilobytes may claim any size, and they go to
// a temporary file. Captures that are compressed stay so.
const maxBundle = 8 << 30

var errBundleTooLarge = fmt.Errorf("it unpacks to more than %d GiB; unpack it, and give the directory", maxBundle>>30)

// bundle returns what lies in a directory or an archive, nil where name is neither.
func (l *line) bundle(name string) (*bundle, error) {
	info, err := l.env.Stat(name)
	switch {
	case err != nil:
		return nil, nil // the one who reads it says so
	case info.IsDir():
		b := &bundle{}
		return b, b.directory(l.env, name)
	case !info.Mode().IsRegular():
		return nil, nil
	}
	f, err := l.env.Open(name)
	if err != nil {
		return nil, nil
	}
	defer f.Close()
	plain, stop, err := capture.Unpack(f)
	if err != nil {
		return nil, nil
	}
	defer stop()
	in := bufio.NewReaderSize(plain, 1<<16)
	if head, _ := in.Peek(fileHead); !snapshot.IsArchive(head) {
		return nil, nil
	}
	to, err := l.env.Spool()
	if err != nil {
		return nil, fmt.Errorf("no temporary file for it: %w", err)
	}
	l.closers = append(l.closers, to)
	b := &bundle{}
	return b, b.archive(&allowance{&cancelled{l.Context.Context, in}, maxBundle}, to)
}

// directory sorts the files in a directory, and in those in it.
func (b *bundle) directory(e *Env, name string) error {
	return inDirectory(e, name, maxSnapshotDepth, new(int), func(path string, f snapshot.File) {
		f.Name = pathFrom(name, path)
		b.add(path, f)
	})
}

// archive sorts the files of an archive, which go to a temporary file one behind the other. Nothing of an archive is ever a path: what is
// no file is left out, and so is what is called as if it lay outside.
func (b *bundle) archive(in io.Reader, to Spool) error {
	t := tar.NewReader(in)
	at, links := int64(0), 0
	defer func() {
		if links > 0 {
			b.remarks = append(b.remarks, fmt.Sprintf("links and devices left out: %d", links))
		}
	}()
	for n := 0; ; n++ {
		h, err := t.Next()
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, errBundleTooLarge), errors.Is(err, context.Canceled):
			return err
		case err != nil:
			b.remarks = append(b.remarks, fmt.Sprintf("the archive is damaged (%v); what came before was read", err))
			return nil
		case n == maxSnapshotFiles:
			return fmt.Errorf("more than %d files", maxSnapshotFiles)
		case h.Typeflag == tar.TypeDir:
			continue
		case h.Typeflag != tar.TypeReg || sparse(h):
			links++
			continue
		}
		name := path.Clean(strings.ReplaceAll(h.Name, `\`, "/"))
		if !filepath.IsLocal(name) {
			b.remarks = append(b.remarks, h.Name+" left out: its name leads out of the archive")
			continue
		}
		size, err := io.Copy(to, t)
		switch {
		case errors.Is(err, errBundleTooLarge):
			return err
		case errors.Is(err, io.ErrUnexpectedEOF):
			b.remarks = append(b.remarks, name+": the archive ends early")
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		}
		from := at
		at += size
		b.add(name, snapshot.File{Name: name, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(to, from, size)), nil
		}})
		if err != nil {
			return nil
		}
	}
}

// sparse reports whether an entry has holes (GNU tar): they take nothing in the archive and all the room there is outside of it.
func sparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// add sorts a file by its content. A capture is called by its path.
func (b *bundle) add(path string, f snapshot.File) {
	switch head := headOfFile(f); {
	case capture.Is(head):
		b.captures = append(b.captures, analyze.Input{Name: path, Open: f.Open})
	case snapshot.IsArchive(head):
		b.remarks = append(b.remarks, path+" left out: an archive in a bundle")
	default:
		b.rest = append(b.rest, f)
	}
}

// fileHead is how much of a file tells what it is.
const fileHead = 512

// headOfFile returns the first bytes of a file, unpacked; nil of one that can't be read.
func headOfFile(f snapshot.File) []byte {
	in, err := f.Open()
	if err != nil {
		return nil
	}
	defer in.Close()
	plain, stop, err := capture.Unpack(in)
	if err != nil {
		return nil
	}
	defer stop()
	head := make([]byte, fileHead)
	n, _ := io.ReadFull(plain, head)
	return head[:n]
}

// allowance is a reader that ends with an error where there is more than left bytes.
type allowance struct {
	io.Reader
	left int64
}

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errBundleTooLarge
	}
	n, err := a.Reader.Read(p[:min(int64(len(p)), a.left)])
	a.left -= int64(n)
	return n, err
}
