package csv

import (
	"io"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// Connections writes one line for each connection, in the words of the JSON output.
type Connections struct {
	t     table
	named named
}

// NewConnections returns a handler that writes to w, with the names of objects where there is a snapshot of the cluster.
func NewConnections(w io.Writer, snapshot bool) Connections {
	n := named(snapshot)
	return Connections{newTable(w, append([]string{
		"id", "proto", "client", "called", "service", "service_known_by", "backend", "snat", "outcome", "phase", "midstream", "start", "end",
		"packets", "frames", "bytes_to_server", "bytes_to_client", "retransmissions", "handshake_ms", "encap", "nodes",
	}, n.columns("client", "service", "backend")...)), n}
}

// Connection writes c.
func (h Connections) Connection(c *fact.Connection) error {
	to, from := &c.Flow[fact.ToServer], &c.Flow[fact.ToClient]
	encap, nodes := path(c)
	o := report.Parties(c.Objects)
	h.t.row(append([]string{
		c.ID, c.Proto.String(), report.End(c.Proto, c.Client), report.End(c.Proto, c.Called), report.End(c.Proto, c.Service), c.KnownBy.String(),
		report.End(c.Proto, c.Backend), report.End(c.Proto, c.SNAT), c.Outcome.String(), c.Phase.String(), strconv.FormatBool(c.Midstream),
		report.Time(c.Start, 0), report.Time(c.End, 0), number(to.Packets + from.Packets), number(c.Frames), number(to.Bytes), number(from.Bytes),
		number(to.Retransmissions + from.Retransmissions), millis(c.Handshake), encap, nodes,
	}, h.named.names(o.Client, o.Service, o.Backend)...)...)
	return h.t.w.Error()
}

// Close writes what is buffered.
func (h Connections) Close() error { return h.t.flush() }

// path returns the deepest encapsulation on a connection's way, outermost first, and the nodes that it was seen on.
func path(c *fact.Connection) (encap, nodes string) {
	var deepest []fact.Encap
	var seen []string
	for i := range c.Legs {
		l := &c.Legs[i]
		if len(l.Encap) > len(deepest) {
			deepest = l.Encap
		}
		if l.Node != "" && (len(seen) == 0 || seen[len(seen)-1] != l.Node) {
			seen = append(seen, l.Node)
		}
	}
	kinds := make([]string, len(deepest))
	for i := range deepest {
		kinds[i] = deepest[i].Kind.String()
	}
	return strings.Join(kinds, " "), strings.Join(seen, " ")
}
