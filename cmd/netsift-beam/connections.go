package main

import (
	"io"
	"net/netip"
	"strings"

	"github.com/xitongsys/parquet-go/parquet"
	"github.com/xitongsys/parquet-go/writer"

	"github.com/netsift/netsift/analyze/fact"
)

// Connection is a row of OUTPUT.parquet. What is not known is empty, and so are names without a snapshot; times are nanoseconds since 1970.
type Connection struct {
	// ID is the one that the report uses: node1:57.
	ID       string `parquet:"name=id, type=BYTE_ARRAY, convertedtype=UTF8"`
	Protocol string `parquet:"name=proto, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Client   string `parquet:"name=client, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Called is what the client addressed, Service the same if it is known to be one, Backend where it led, SNAT the client as that one sees it.
	Called  string `parquet:"name=called, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Service string `parquet:"name=service, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Backend string `parquet:"name=backend, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	SNAT    string `parquet:"name=snat, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Outcome string `parquet:"name=outcome, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Phase   string `parquet:"name=phase, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	// Midstream says that it began before the capture.
	Midstream bool  `parquet:"name=midstream, type=BOOLEAN"`
	Start     int64 `parquet:"name=start_ns, type=INT64"`
	End       int64 `parquet:"name=end_ns, type=INT64"`
	// Frames counts sightings, Packets what was sent.
	Frames          int64 `parquet:"name=frames, type=INT64"`
	Packets         int64 `parquet:"name=packets, type=INT64"`
	BytesToServer   int64 `parquet:"name=bytes_to_server, type=INT64"`
	BytesToClient   int64 `parquet:"name=bytes_to_client, type=INT64"`
	Retransmissions int64 `parquet:"name=retransmissions, type=INT64"`
	// Handshake is in nanoseconds, -1 where not seen.
	Handshake int64 `parquet:"name=handshake_ns, type=INT64"`
	// Nodes are those that it was seen on, in the order of its packets, with spaces between.
	Nodes string `parquet:"name=nodes, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
}

// connections writes rows in the order in which they are added.
type connections struct {
	w   *writer.ParquetWriter
	err error
}

// newConnections begins a file. It is not Beam's parquetio: that one would shuffle each row to a worker, keep no order, and take no notice of
// an error of closing, which is where writing to a bucket fails.
func newConnections(to io.Writer) (*connections, error) {
	w, err := writer.NewParquetWriterFromWriter(to, new(Connection), 1)
	if err != nil {
		return nil, err
	}
	w.CompressionType = parquet.CompressionCodec_ZSTD
	return &connections{w: w}, nil
}

// add writes the row of c. The first error is kept.
func (x *connections) add(c *fact.Connection) {
	to, from := &c.Flow[fact.ToServer], &c.Flow[fact.ToClient]
	var nodes []string
	for i := range c.Legs {
		if n := c.Legs[i].Node; n != "" && (len(nodes) == 0 || nodes[len(nodes)-1] != n) {
			nodes = append(nodes, n)
		}
	}
	err := x.w.Write(Connection{
		ID: c.ID, Protocol: c.Proto.String(), Client: address(c.Client), Called: address(c.Called), Service: address(c.Service),
		Backend: address(c.Backend), SNAT: address(c.SNAT), Outcome: c.Outcome.String(), Phase: c.Phase.String(), Midstream: c.Midstream,
		Start: c.Start, End: c.End, Frames: int64(c.Frames), Packets: int64(to.Packets + from.Packets),
		BytesToServer: int64(to.Bytes), BytesToClient: int64(from.Bytes), Retransmissions: int64(to.Retransmissions + from.Retransmissions),
		Handshake: c.Handshake, Nodes: strings.Join(nodes, " "),
	})
	if x.err == nil {
		x.err = err
	}
}

// close ends the file, and returns the first error there was.
func (x *connections) close() error {
	if err := x.w.WriteStop(); x.err == nil {
		x.err = err
	}
	return x.err
}

// address returns an address and port as text, "" for none.
func address(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
