package report

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/dissect"
	"github.com/netsift/netsift/decode"
)

// Shown is frames, taken apart: the result of show.
type Shown struct {
	// Version is netsift's own.
	Version  string
	Captures []fact.Capture
	Frames   []ShownFrame
	// Redacted says that addresses and names are others than in the captures, and payloads cut off.
	Redacted bool
	// Hex says that the frames' bytes are wanted.
	Hex bool
}

// ShownFrame is a frame by its bytes, and beside that what netsift makes of it.
type ShownFrame struct {
	fact.Ref
	// Time is that of the file, in nanoseconds.
	Time int64
	// Wire is the frame's length, Data what was captured of it, as it may be shown.
	Wire uint32
	Data []byte
	// Link is the link type as on tcpdump.org, without its prefix.
	Link string
	// Interface says in words what interface it is, Index and Name as in View; Dir is the way on it.
	Interface string
	Index     uint32
	Name      string
	Dir       decode.Direction
	*dissect.Dissection
	Reading Reading
}

// Reading is what netsift makes of a frame. What does not apply is "" or nil.
type Reading struct {
	// Sighting says which packet of its connection it is, and where on its way.
	Sighting string
	// Connection is the one that it belongs to, Title that in words. Quotes is the one about whose packet it is an ICMP error.
	Connection, Quotes *fact.Connection
	Title              string
	// Ordinal is which sighting of its packet it is, from 1 on.
	Ordinal int
	// Lookup says which part of which name lookup it is.
	Lookup string
	// Stop says why netsift's own decoding ended early.
	Stop string
	// Evidence are the findings that cite it.
	Evidence []Citation
}

// Citation is a finding that rests on a frame, and what there is to see in it.
type Citation struct{ Finding, Note string }
