package json

import (
	"encoding/hex"
	"io"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/dissect"
	"github.com/netsift/netsift/cmd/internal/report"
)

// ShowSchema names the form of `netsift show -o json`.
const ShowSchema = "netsift.show/v1"

// Shown is frames, taken apart: the object that `netsift show -o json` prints.
type Shown struct {
	Schema  string `json:"schema"`
	Netsift string `json:"netsift"`
	// Redacted says that addresses and names are replaced by others, and payloads cut off.
	Redacted bool         `json:"redacted"`
	Frames   []ShownFrame `json:"frames"`
}

// ShownFrame is a frame.
type ShownFrame struct {
	File  string `json:"file"`
	Frame uint64 `json:"frame"`
	// Node is the label of the capture's node.
	Node *string `json:"node"`
	Time string  `json:"time"`
	// WireBytes is its length, CapturedBytes how much of it was captured, or may be shown.
	WireBytes     uint32 `json:"wire_bytes"`
	CapturedBytes int    `json:"captured_bytes"`
	LinkType      string `json:"link_type"`
	// Interface says in words where it was seen, Index and Name are as in the capture; Direction is in or out.
	Interface string  `json:"interface"`
	Index     *uint32 `json:"index"`
	Name      *string `json:"name"`
	Direction *string `json:"direction"`
	// Layers are its headers in the order of their bytes, at most 50. Stop says why the bytes behind them are not shown in them.
	Layers []Layer `json:"layers"`
	Stop   *string `json:"stop"`
	// Reading is what netsift makes of it.
	Reading Reading `json:"reading"`
	// Hex are its bytes, null unless they were asked for.
	Hex *string `json:"hex"`
}

// Layer is a header, or a message.
type Layer struct {
	Layer   string  `json:"layer"`
	Summary *string `json:"summary"`
	// Offset is where it begins in the frame, Length how many bytes it has.
	Offset int     `json:"offset"`
	Length int     `json:"length"`
	Fields []Field `json:"fields"`
}

// Field is a field of a header; several may have one name.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Reading is what netsift makes of a frame.
type Reading struct {
	// Connection is the id of the one that it belongs to, Outcome that connection's.
	Connection *string `json:"connection"`
	Outcome    *string `json:"outcome"`
	// Text says in words which packet of it this is, and where on its way; Sighting which one of that packet, from 1 on.
	Text     *string `json:"text"`
	Sighting *int    `json:"sighting"`
	// ErrorAbout is the id of the connection about whose packet it is an ICMP error.
	ErrorAbout *string `json:"error_about"`
	// Lookup says which part of which name lookup it is.
	Lookup *string `json:"lookup"`
	// Stop says why netsift's own decoding ended early.
	Stop *string `json:"stop"`
	// Evidence are the findings that rest on it.
	Evidence []Citation `json:"evidence"`
}

// Citation is a finding, and what there is to see of it in the frame.
type Citation struct {
	Finding string `json:"finding"`
	Note    string `json:"note"`
}

// WriteShown writes s as one object.
func WriteShown(w io.Writer, s *report.Shown) error {
	return write(w, &Shown{Schema: ShowSchema, Netsift: s.Version, Redacted: s.Redacted, Frames: each(s.Frames, func(f *report.ShownFrame) ShownFrame {
		return newShownFrame(f, s)
	})}, "  ")
}

func newShownFrame(f *report.ShownFrame, s *report.Shown) ShownFrame {
	capture := &s.Captures[f.Capture]
	out := ShownFrame{
		File: capture.File, Frame: f.Frame, Node: text(capture.Node), Time: report.Time(f.Time, capture.Digits), WireBytes: f.Wire,
		CapturedBytes: len(f.Data), LinkType: f.Link, Interface: f.Interface, Name: text(f.Name), Direction: text(report.Way(f.Dir)),
		Layers: each(f.Layers, newLayer), Stop: text(f.Dissection.Stop), Reading: newReading(&f.Reading),
	}
	if f.Index != 0 || f.Name != "" {
		out.Index = &f.Index
	}
	if s.Hex {
		bytes := hex.EncodeToString(f.Data)
		out.Hex = &bytes
	}
	return out
}

func newLayer(l *dissect.Layer) Layer {
	return Layer{l.Name, text(l.Summary), l.Offset, l.Length, each(l.Fields, func(f *dissect.Field) Field { return Field{f.Name, f.Value} })}
}

func newReading(r *report.Reading) Reading {
	id := func(c *fact.Connection) *string {
		if c == nil {
			return nil
		}
		return &c.ID
	}
	out := Reading{
		Connection: id(r.Connection), Text: text(r.Sighting), ErrorAbout: id(r.Quotes), Lookup: text(r.Lookup), Stop: text(r.Stop),
		Evidence: each(r.Evidence, func(c *report.Citation) Citation { return Citation{c.Finding, c.Note} }),
	}
	if r.Connection != nil {
		out.Outcome = text(r.Connection.Outcome.String())
	}
	if r.Ordinal > 0 {
		out.Sighting = &r.Ordinal
	}
	return out
}
