package main

import (
	"context"
	"io"
	"path"

	"github.com/netsift/netsift/cmd/internal/netsift"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// FactsFn makes facts of a capture.
type FactsFn struct {
	// Ports are those of tunnels beyond the usual ones, as in decode.Options: behind others the headers of pods' packets are payload.
	Ports map[decode.EncapKind][]uint16
	// Step says which one this is of so many Steps, counted from 0: it has every so manieth file.
	Step, Steps int
}

// ProcessElement emits the facts of the file in parts, if it is one of this step's. A file that can't be read is no error of the pipeline: the last part says why, and so does the report.
func (fn *FactsFn) ProcessElement(ctx context.Context, number int, name string, emit func(Part)) error {
	if number%fn.Steps != fn.Step {
		return nil
	}
	p := &parts{next: Part{File: name}, emit: emit}
	fault, err := fn.write(ctx, p, name)
	if err != nil {
		return err
	}
	if fault != nil {
		p.close(netsift.Unreadable(fault).Error())
	} else {
		p.close("")
	}
	return nil
}

// write writes the facts. The error is the context's; faults of the file are apart.
func (fn *FactsFn) write(ctx context.Context, to io.Writer, name string) (fault, err error) {
	f, err := open(ctx, name)
	if err != nil {
		return err, ctx.Err()
	}
	if in, stop := unarchived(f); in != nil {
		defer f.Close()
		defer stop()
		return fn.archive(ctx, to, in), ctx.Err()
	}
	f.Close()
	if f, err = open(ctx, name); err != nil {
		return err, ctx.Err()
	}
	defer f.Close()
	r, err := capture.NewReader(f)
	if err != nil {
		return err, ctx.Err()
	}
	defer r.Close()
	if r.Format() == "facts" {
		return copied(ctx, to, name)
	}
	return nil, fn.facts(ctx, to, r, name)
}

// facts writes the facts of what r reads. The error is the context's: where reading broke off is in the facts.
func (fn *FactsFn) facts(ctx context.Context, to io.Writer, r *capture.Reader, name string) error {
	w := capture.NewFactsWriter(to, capture.FactsAbout{Program: "netsift " + netsift.Version, File: path.Base(name), Format: r.Format()})
	_, err := decode.Facts(ctx, r, w, decode.FactsOptions{Options: decode.Options{Ports: fn.Ports}})
	return err
}

// copied passes a facts file on as it is.
func copied(ctx context.Context, to io.Writer, name string) (fault, err error) {
	f, err := open(ctx, name)
	if err != nil {
		return err, ctx.Err()
	}
	defer f.Close()
	// A file that breaks off is one that was cut: the reader of facts says how far it got.
	io.Copy(to, f)
	return nil, ctx.Err()
}
