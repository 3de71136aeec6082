package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/decode/capture"
)

// An archive of captures and a snapshot becomes one of their facts, with all else as it is: netsift analyze says of it what it says of the other one, also
// of what it leaves out.

const (
	// fileHead is how much of a file tells what it is, and prefix how much of a compressed file that takes.
	fileHead, prefix = 512, 1 << 20
	// maxRest bounds what is no capture in an archive, in bytes, as netsift analyze does: an archive of some kilobytes may claim any size.
	maxRest = 8 << 30
)

// unarchived returns what an archive holds as far as it can be read, nil where in is none.
func unarchived(in io.Reader) (plain *bufio.Reader, stop func()) {
	r, stop, err := capture.Unpack(in)
	if err != nil {
		return nil, nil
	}
	plain = bufio.NewReaderSize(r, 1<<16)
	if head, _ := plain.Peek(fileHead); !snapshot.IsArchive(head) {
		stop()
		return nil, nil
	}
	return plain, stop
}

// archiver writes an archive of facts.
type archiver struct {
	fn *FactsFn
	to io.Writer
	w  *tar.Writer
	// rest is how many bytes of files that are no captures there may be yet.
	rest int64
}

// archive writes the facts of an archive.
func (fn *FactsFn) archive(ctx context.Context, to io.Writer, in io.Reader) error {
	a := &archiver{fn, to, tar.NewWriter(to), maxRest}
	from, buffer := tar.NewReader(in), bufio.NewReaderSize(nil, prefix)
	for {
		h, err := from.Next()
		if err == io.EOF {
			return a.w.Close()
		}
		if err != nil {
			_, err = to.Write(bytes.Repeat([]byte{0xff}, fileHead)) // nor does the other archive go on
			return err
		}
		e := &entry{Reader: from}
		buffer.Reset(e)
		if err := a.add(ctx, h, e, buffer); err != nil || e.cut {
			return err
		}
	}
}

// entry reads a file in an archive, and ends where the archive does.
type entry struct {
	io.Reader
	cut bool
}

// Read implements io.Reader.
func (e *entry) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		e.cut, err = true, io.EOF
	}
	return n, err
}

// size returns which size is to be told of what has n bytes in place of the file, so that it ends early where the file did.
func (e *entry) size(n int64) int64 {
	if e.cut {
		n++
	}
	return n
}

// add adds the file that h tells of, which in reads.
func (a *archiver) add(ctx context.Context, h *tar.Header, e *entry, in *bufio.Reader) error {
	switch {
	case h.Typeflag == tar.TypeDir:
		return a.w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: h.Name})
	case h.Typeflag != tar.TypeReg || sparse(h):
		return a.w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: h.Name, Linkname: "."}) // left out, and counted
	}
	first, err := in.Peek(prefix)
	if err != nil && err != io.EOF {
		return err
	}
	switch head := headOf(first); {
	case snapshot.IsArchive(head): // left out, and said
		if _, err := io.Copy(io.Discard, in); err != nil {
			return err
		}
		return a.copy(h.Name, e.size(int64(len(head))), bytes.NewReader(head))
	case capture.Is(head) && !bytes.HasPrefix(head, []byte("NSFACTS")):
		// One that can't be read is no capture for this, and stays as it is.
		if r, err := capture.NewReader(bytes.NewReader(first)); err == nil {
			r.Close()
			return a.capture(ctx, h.Name, e, in)
		}
	}
	if a.rest -= h.Size; a.rest < 0 {
		return fmt.Errorf("the files in it that are no captures take more than %d GiB", maxRest>>30)
	}
	return a.copy(h.Name, h.Size, in)
}

// sparse reports whether a file has holes, which take nothing in the archive and all the room there is outside of it.
func sparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// headOf returns what a file that begins with first begins with unpacked.
func headOf(first []byte) []byte {
	plain, stop, err := capture.Unpack(bytes.NewReader(first))
	if err != nil {
		return nil
	}
	defer stop()
	head := make([]byte, fileHead)
	n, _ := io.ReadFull(plain, head)
	return head[:n]
}

// copy adds a file as it is.
func (a *archiver) copy(name string, size int64, in io.Reader) error {
	err := a.w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644})
	if err == nil {
		_, err = io.Copy(a.w, in)
	}
	return err
}

// capture adds the facts of a capture. Their size has to be told first, so they go to a temporary file.
func (a *archiver) capture(ctx context.Context, name string, e *entry, in io.Reader) error {
	file, err := system().Spool()
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := capture.NewReader(in)
	if err != nil {
		return err
	}
	defer r.Close()
	size := &sized{w: file}
	if err := a.fn.facts(ctx, size, r, name); err != nil {
		return err
	}
	return a.copy(name, e.size(size.n), io.NewSectionReader(file, 0, size.n))
}

// sized counts what is written.
type sized struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (s *sized) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n += int64(n)
	return n, err
}
