package json

import (
	"io"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// Connection is one conversation: a line of `netsift flows -o json`.
type Connection struct {
	// ID is the capture's label and the frame where it was first seen: the same in every command and run.
	ID string `json:"id"`
	// Proto is tcp, udp, icmp or sctp.
	Proto string `json:"proto"`
	// Client started it; Called is the address as the client addressed it.
	Client string `json:"client"`
	Called string `json:"called"`
	// Service is Called where it is known to be a Service's, and ServiceKnownBy says how: translated, rejected-by-node,
	// dns-answer, snapshot, other-connection.
	Service        *string `json:"service"`
	ServiceKnownBy *string `json:"service_known_by"`
	// Backend is where it was translated to, or Called where that is no Service.
	Backend *string `json:"backend"`
	// SNAT is the rewritten source, as the backend sees it.
	SNAT *string `json:"snat"`
	// Outcome is what the client's socket lived through: ok, refused, unreachable, reset, hang, unfinished, one-way.
	Outcome string `json:"outcome"`
	// Phase is how far it came: handshake, established, closed.
	Phase string `json:"phase"`
	// Midstream says that it began before the capture.
	Midstream bool   `json:"midstream"`
	Start     string `json:"start"`
	End       string `json:"end"`
	// Packets counts packets in the view nearest their sender, Frames all sightings.
	Packets      uint64       `json:"packets"`
	Frames       uint64       `json:"frames"`
	PayloadBytes PayloadBytes `json:"payload_bytes"`
	// Retransmissions counts packets whose bytes had been sent before.
	Retransmissions uint64 `json:"retransmissions"`
	// HandshakeMillis is from the client's first SYN to its acknowledgement of the SYN-ACK.
	HandshakeMillis *number `json:"handshake_ms"`
	// Legs are the stretches of its path, the client's first.
	Legs []Leg `json:"legs"`
	// Objects are those of its parties, null without a snapshot of the cluster.
	Objects *Objects `json:"objects"`
}

// PayloadBytes counts payload in sequence space: data sent again counts once.
type PayloadBytes struct {
	ToServer uint64 `json:"to_server"`
	ToClient uint64 `json:"to_client"`
}

// Leg is the 5-tuple of a connection at one stretch of its path, oriented from client to server.
type Leg struct {
	Src  string  `json:"src"`
	Dst  string  `json:"dst"`
	Node *string `json:"node"`
	// Interfaces are those on which it was seen, in path order.
	Interfaces []Interface `json:"interfaces"`
	// Encap lists the encapsulations, outermost first.
	Encap  []Encap `json:"encap"`
	Frames uint64  `json:"frames"`
	// AfterMicros is the median delay after the first leg, null where unknown or below the error of the clocks.
	AfterMicros *number `json:"after_us"`
}

// Interface is where packets were seen.
type Interface struct {
	// Index and Name are as in the capture, null where it has none.
	Index *uint32 `json:"index"`
	Name  *string `json:"name"`
	// Role is "veth 10.244.1.5", "bridge", "tunnel device", "uplink" or "loopback"; null where it can't be told.
	Role *string `json:"role"`
}

// Encap is one encapsulation.
type Encap struct {
	// Kind is the word of a decode.EncapKind.
	Kind string `json:"kind"`
	// VNI is the virtual network identifier or the GRE key; null where there is none.
	VNI *uint32 `json:"vni"`
	Src string  `json:"src"`
	Dst string  `json:"dst"`
	// Port is the UDP port of the tunnel; null for kinds that UDP does not carry.
	Port *uint16 `json:"port"`
}

// Connections writes one line for each connection.
type Connections struct{ w io.Writer }

// NewConnections returns a handler that writes to w.
func NewConnections(w io.Writer) Connections { return Connections{w} }

// Connection writes c.
func (h Connections) Connection(c *fact.Connection) error { return write(h.w, newConnection(c), "") }

// Close does nothing: a line is complete in itself.
func (h Connections) Close() error { return nil }

func newConnection(c *fact.Connection) *Connection {
	to, from := &c.Flow[fact.ToServer], &c.Flow[fact.ToClient]
	return &Connection{
		ID:              c.ID,
		Proto:           c.Proto.String(),
		Client:          report.End(c.Proto, c.Client),
		Called:          report.End(c.Proto, c.Called),
		Service:         text(report.End(c.Proto, c.Service)),
		ServiceKnownBy:  text(c.KnownBy.String()),
		Backend:         text(report.End(c.Proto, c.Backend)),
		SNAT:            text(report.End(c.Proto, c.SNAT)),
		Outcome:         c.Outcome.String(),
		Phase:           c.Phase.String(),
		Midstream:       c.Midstream,
		Start:           report.Time(c.Start, 0),
		End:             report.Time(c.End, 0),
		Packets:         to.Packets + from.Packets,
		Frames:          c.Frames,
		PayloadBytes:    PayloadBytes{to.Bytes, from.Bytes},
		Retransmissions: to.Retransmissions + from.Retransmissions,
		HandshakeMillis: duration(c.Handshake, millis),
		Legs:            each(c.Legs, func(l *fact.Leg) Leg { return newLeg(c.Proto, l) }),
		Objects:         newObjects(c.Objects),
	}
}

func newLeg(p fact.Proto, l *fact.Leg) Leg {
	out := Leg{
		Src:         report.End(p, l.Src),
		Dst:         report.End(p, l.Dst),
		Node:        text(l.Node),
		Interfaces:  []Interface{},
		Encap:       each(l.Encap, newEncap),
		Frames:      l.Frames,
		AfterMicros: duration(l.After, micros),
	}
	for i := range l.Views {
		if v := &l.Views[i]; report.FirstOfInterface(l.Views, i) {
			out.Interfaces = append(out.Interfaces, newInterface(v))
		}
	}
	return out
}

func newInterface(v *fact.View) Interface {
	out := Interface{Name: text(v.Name), Role: text(v.Role.String())}
	// Linux counts interfaces from 1; 0 without a name is a file that tells none apart.
	if v.Interface != 0 || v.Name != "" {
		out.Index = &v.Interface
	}
	return out
}

func newEncap(e *fact.Encap) Encap {
	out := Encap{Kind: e.Kind.String(), Src: report.Addr(e.Src), Dst: report.Addr(e.Dst)}
	if report.HasVNI(e) {
		out.VNI = &e.VNI
	}
	if e.Port != 0 {
		out.Port = &e.Port
	}
	return out
}
