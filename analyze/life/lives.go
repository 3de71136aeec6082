package life

import (
	"hash/maphash"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// Capture is a capture as connections' facts name it.
type Capture struct {
	// Label names the capture in connections' ids, Node is the label of the node it was taken on.
	Label, Node string
	// NodeIndex is the same for all captures of a node.
	NodeIndex uint16
}

// Sinks are the callbacks that take what happens in the middle of lives. Any may be nil.
type Sinks struct {
	// DNS gets the first sighting of each DNS message.
	DNS func(Message)
	// Resent gets the time of each packet that was sent again, at its first sighting.
	Resent func(time int64)
}

// Message is a DNS message at its first sighting.
type Message struct {
	Time int64
	Ref  fact.Ref
	// Client asked, Server was asked, as the client addressed it; Backend is where that was translated to, if known yet.
	Client, Server, Backend Endpoint
	// Response says that the message went to the client; TCP that it came over TCP; Resend that the client sent the
	// same packet before.
	Response, TCP, Resend bool
	// Foreign says that the client was given the message as from an address that it had not asked.
	Foreign bool
	// Body is the message, perhaps cut short. It is valid during the call only.
	Body []byte
}

// Lives follows connections. A connection's State is its owner's; what few of them have is here, by their ids, until Forget.
type Lives struct {
	sources []Capture
	sinks   Sinks
	stacks  *decode.Stacks
	table   *sight.Table
	errors  map[ID][]fact.ICMPError
	resets  map[ID]*reset
	// holes are what selective acknowledgements say is missing, per direction, of connections that have had any.
	holes map[ID]*[2]hole
	// windows are the receive windows, per direction of their senders, of connections that have had one closed.
	windows map[ID]*[2]window
	// handshakes are the handshakes of connections of WireGuard.
	handshakes map[ID]*handshakes
	// notices are the notifications by which sessions of BGP end.
	notices map[ID]*fact.Notice
	// unacked has the data of each direction of an SCTP association that was sent again last.
	unacked map[ID]*[2]sight.Stall
	// fragments follows the datagrams that come in fragments.
	fragments fragments
	wrappings map[wrapping][]fact.Encap
	// legs is memory for the paths of the next connection.
	legs []path
	// seed is that of the hashes of shapes.
	seed uint64
}

// New returns Lives of connections whose legs are in table, and whose packets' encapsulations are interned in stacks.
func New(sources []Capture, stacks *decode.Stacks, table *sight.Table, sinks Sinks) *Lives {
	return &Lives{
		sources: sources, stacks: stacks, table: table, sinks: sinks,
		errors: map[ID][]fact.ICMPError{}, resets: map[ID]*reset{}, holes: map[ID]*[2]hole{}, windows: map[ID]*[2]window{},
		handshakes: map[ID]*handshakes{}, notices: map[ID]*fact.Notice{}, unacked: map[ID]*[2]sight.Stall{}, wrappings: map[wrapping][]fact.Encap{},
		seed: maphash.Bytes(maphash.MakeSeed(), nil),
	}
}

// Forget drops what lies beside the state of a connection that ended.
func (ls *Lives) Forget(id ID, c *State) {
	for _, l := range c.Legs() {
		ls.fragments.forget(ls.table, l)
	}
	delete(ls.errors, id)
	delete(ls.resets, id)
	delete(ls.holes, id)
	delete(ls.windows, id)
	delete(ls.handshakes, id)
	delete(ls.notices, id)
	delete(ls.unacked, id)
}

// Release drops what lies beside all states.
func (ls *Lives) Release() {
	clear(ls.errors)
	clear(ls.resets)
	clear(ls.holes)
	clear(ls.windows)
	clear(ls.handshakes)
	clear(ls.notices)
	clear(ls.unacked)
	ls.fragments = fragments{}
}

// Len returns how many pieces lie beside states.
func (ls *Lives) Len() int {
	return len(ls.errors) + len(ls.resets) + len(ls.holes) + len(ls.windows) + len(ls.handshakes) + len(ls.notices) + len(ls.unacked) +
		len(ls.fragments.cuts)
}
