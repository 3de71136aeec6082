package policy

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// connection is the value that expressions over connections see.
type connection struct {
	ID    string `expr:"id" doc:"capture and first frame, as in netsift flows"`
	Proto string `expr:"proto" doc:"tcp, udp, icmp or sctp"`

	Client  endpoint `expr:"client" doc:"who started it"`
	Called  endpoint `expr:"called" doc:"the address as the client called it"`
	Service endpoint `expr:"service" doc:"the address called, where it is known to be a Service's"`
	KnownBy string   `expr:"service_known_by" doc:"translated, rejected-by-node, dns-answer, snapshot, other-connection; empty where service is"`
	Backend endpoint `expr:"backend" doc:"where it was translated to, or the pod or outside address called directly"`
	SNAT    endpoint `expr:"snat" doc:"the source as the backend sees it, where it was rewritten"`

	Outcome   string  `expr:"outcome" doc:"ok, refused, unreachable, reset, hang, unfinished, one-way"`
	Phase     string  `expr:"phase" doc:"handshake, established or closed: how far it came"`
	Midstream bool    `expr:"midstream" doc:"it began before the capture"`
	Start     string  `expr:"start" doc:"time of its first frame, as 2026-11-23T03:36:12.000123Z"`
	Duration  float64 `expr:"duration_ms" doc:"from its first frame to its last"`
	Handshake float64 `expr:"handshake_ms" doc:"from the client's first SYN to its acknowledgement of the SYN-ACK"`

	Frames          int `expr:"frames" doc:"sightings, of both directions"`
	Packets         int `expr:"packets" doc:"packets, each counted once"`
	Retransmissions int `expr:"retransmissions" doc:"packets sent again, of both directions"`
	Loops           int `expr:"loops" doc:"packets that came around again with a lower TTL"`

	ToServer flow `expr:"to_server" doc:"the direction from client to server"`
	ToClient flow `expr:"to_client" doc:"the direction from server to client"`

	Reset  reset       `expr:"reset" doc:"the RST that ended it"`
	Errors []icmpError `expr:"errors" doc:"ICMP errors about its packets, at most 8"`
	Legs   []leg       `expr:"legs" doc:"the stretches of its path, in the order of the client's packets"`
	Encap  []string    `expr:"encap" doc:"the kinds of tunnels it went through: vxlan, geneve, gre, wireguard, 4in4, ..."`
	Nodes  []string    `expr:"nodes" doc:"labels of the nodes whose captures show it"`
}

// flow is one direction.
type flow struct {
	Packets         int  `expr:"packets" doc:"packets, each counted once"`
	Bytes           int  `expr:"bytes" doc:"payload; data sent again counts once"`
	Retransmissions int  `expr:"retransmissions" doc:"packets sent again because they were lost"`
	SYNs            int  `expr:"syns" doc:"SYN (or SYN-ACK) transmissions"`
	FIN             bool `expr:"fin" doc:"its sender closed it"`
	MSS             int  `expr:"mss" doc:"maximum segment size that its sender announced, 0 where not seen"`
	MaxIPLen        int  `expr:"largest" doc:"length of its largest IP packet, in bytes"`
	StallSends      int  `expr:"stall_sends" doc:"transmissions of the data that was sent most often, 0 where none was sent again"`
}

// reset is the RST that ended a connection.
type reset struct {
	Seen        bool   `expr:"seen" doc:"there was one"`
	From        string `expr:"from" doc:"client or server: the side that sent it; empty without one"`
	ByNode      bool   `expr:"by_node" doc:"it was first seen leaving the node, its TTL untouched"`
	InHandshake bool   `expr:"in_handshake" doc:"it answered a SYN"`
}

// icmpError is an ICMP error.
type icmpError struct {
	Src  endpoint `expr:"src" doc:"who sent it"`
	V6   bool     `expr:"v6" doc:"it is an ICMPv6 error"`
	Type int      `expr:"type" doc:"ICMP type"`
	Code int      `expr:"code" doc:"ICMP code"`
	MTU  int      `expr:"mtu" doc:"MTU of a fragmentation-needed or packet-too-big, else 0"`
}

// leg is a stretch of a connection's path.
type leg struct {
	Src   endpoint `expr:"src" doc:"source of the client's packets there"`
	Dst   endpoint `expr:"dst" doc:"destination of the client's packets there"`
	Node  string   `expr:"node" doc:"label of the node"`
	Encap []string `expr:"encap" doc:"kinds of the tunnels around it, outermost first"`
	After float64  `expr:"after_ms" doc:"median delay after the first leg"`
}

func newConnection(c *fact.Connection) connection {
	a, b := &c.Flow[fact.ToServer], &c.Flow[fact.ToClient]
	x := connection{
		ID: c.ID, Proto: c.Proto.String(),
		Client: newEndpoint(c.Client), Called: newEndpoint(c.Called), Service: newEndpoint(c.Service), KnownBy: c.KnownBy.String(),
		Backend: newEndpoint(c.Backend), SNAT: newEndpoint(c.SNAT),
		Outcome: c.Outcome.String(), Phase: c.Phase.String(), Midstream: c.Midstream,
		Start: clock(c.Start), Duration: millis(c.End - c.Start), Handshake: millis(c.Handshake),
		Frames: int(c.Frames), Packets: int(a.Packets + b.Packets), Retransmissions: int(a.Retransmissions + b.Retransmissions), Loops: int(c.Loops),
		ToServer: newFlow(a), ToClient: newFlow(b),
	}
	if r := c.Reset; r != nil {
		x.Reset = reset{true, "client", r.ByNode, r.InHandshake}
		if r.From == fact.ToClient {
			x.Reset.From = "server"
		}
	}
	for i := range c.Errors {
		e := &c.Errors[i]
		x.Errors = append(x.Errors, icmpError{newHost(e.Src), e.V6, int(e.Type), int(e.Code), int(e.MTU)})
	}
	for i := range c.Legs {
		l := &c.Legs[i]
		y := leg{Src: newEndpoint(l.Src), Dst: newEndpoint(l.Dst), Node: l.Node, After: millis(l.After)}
		for k := range l.Encap {
			kind := l.Encap[k].Kind.String()
			y.Encap = append(y.Encap, kind)
			x.Encap = appendNew(x.Encap, kind)
		}
		x.Legs = append(x.Legs, y)
		x.Nodes = appendNew(x.Nodes, l.Node)
	}
	return x
}

func newFlow(f *fact.Flow) flow {
	x := flow{
		Packets: int(f.Packets), Bytes: int(f.Bytes), Retransmissions: int(f.Retransmissions), SYNs: f.SYNs, FIN: f.FIN,
		MSS: int(f.MSS), MaxIPLen: int(f.MaxIPLen),
	}
	if f.Stall != nil {
		x.StallSends = f.Stall.Sends
	}
	return x
}

func appendNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
