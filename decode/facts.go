package decode

import (
	"context"
	"errors"
	"io"

	"github.com/netsift/netsift/decode/capture"
)

// FactsOptions says what of a capture goes into its facts. The zero value takes everything as it is.
type FactsOptions struct {
	Options
	// Hide, where set, returns what may be told of a frame, which had wire bytes on the wire: as many bytes, valid until the next call.
	Hide func(link capture.LinkType, data []byte, wire uint32) []byte
	// Rename, where set, returns what may be told of an interface's name. Its description is left out then.
	Rename func(string) string
	// Soon, where set, is asked after each batch of frames whether they have to be in the file by now: others read it while it grows.
	Soon func() bool
}

// Facts writes what analysis reads of a capture to a facts file, up to its end. broken is how reading it failed, which the file says, too. err is one of writing, or
// that of ctx, and then the file has no end.
func Facts(ctx context.Context, r *capture.Reader, w *capture.FactsWriter, o FactsOptions) (broken, err error) {
	d := New(o.Options, NewStacks())
	var b capture.Block
	described := 0
	for ctx.Err() == nil {
		broken = r.Read(&b)
		for list := r.Interfaces(); described < len(list); described++ {
			i := list[described]
			if o.Rename != nil {
				i.Name, i.Description = o.Rename(i.Name), ""
			}
			w.AddInterface(i)
		}
		if errors.Is(broken, io.EOF) {
			return nil, w.Close(r, nil)
		}
		if broken != nil {
			return broken, w.Close(r, broken)
		}
		d.facts(&b, r.Interfaces(), w, o.Hide)
		if o.Soon != nil && o.Soon() {
			err = w.Flush()
		}
		if err = errors.Join(err, w.Err()); err != nil {
			return nil, err
		}
	}
	return nil, ctx.Err()
}

// facts writes the facts of a batch of frames.
func (d *Decoder) facts(b *capture.Block, interfaces []capture.Interface, w *capture.FactsWriter, hide func(capture.LinkType, []byte, uint32) []byte) {
	var p Packet
	for i := range b.Frames {
		f := &b.Frames[i]
		link, data := interfaces[f.Interface].Link, b.Bytes(f)
		d.Decode(&p, link, data, f.Wire)
		kept := capture.Kept{Captured: b.Captured(i), Last: i+1 == len(b.Frames)}
		if len(b.Kept) > 0 {
			kept = b.Kept[i]
		} else {
			kept.Checksum = uint8(OuterChecksum(&p, data))
		}
		if hide != nil {
			data = hide(link, data, f.Wire)
			d.Decode(&p, link, data, f.Wire)
		}
		w.Write(f, kept, data[:Kept(&p, data)])
	}
}
