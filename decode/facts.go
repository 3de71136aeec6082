package decode

import (
	"context"
	"errors"
	"io"

	"github.com/netsift/netsift/decode/capture"
)

// Hide returns what may be told of a frame, which had wire bytes on the wire, in as many bytes. It is valid until the next call.
type Hide func(link capture.LinkType, data []byte, wire uint32) []byte

// Facts writes what analysis reads of a capture to a facts file, to its end or that of ctx, whose error it returns then. Other errors are those of
// reading and of writing. hide replaces what must not be told, and is nil where nothing has to be hidden. soon is asked after each batch whether what was written has to
// be there at once, and is nil where nobody waits.
func Facts(ctx context.Context, r *capture.Reader, w *capture.FactsWriter, o Options, hide Hide, soon func() bool) error {
	d := New(o, NewStacks())
	var b capture.Block
	var p Packet
	described := 0
	describe := func() {
		for interfaces := r.Interfaces(); described < len(interfaces); described++ {
			i := interfaces[described]
			if hide != nil {
				i.Description = ""
			}
			w.AddInterface(i)
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := r.Read(&b)
		describe()
		if errors.Is(err, io.EOF) {
			return w.Close(r)
		}
		if err != nil {
			return errors.Join(err, w.Close(r))
		}
		interfaces := r.Interfaces()
		for i := range b.Frames {
			f := &b.Frames[i]
			link, data := interfaces[f.Interface].Link, b.Bytes(f)
			kept := capture.Kept{Captured: b.Captured(i)}
			if len(b.Kept) > 0 {
				kept.Checksum = b.Kept[i].Checksum
			} else {
				d.Decode(&p, link, data, f.Wire)
				kept.Checksum = uint8(OuterChecksum(&p, data))
			}
			if hide != nil {
				data = hide(link, data, f.Wire)
			}
			d.Decode(&p, link, data, f.Wire)
			w.Write(f, kept, data[:Kept(&p, data)])
		}
		if soon != nil && soon() {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
}
