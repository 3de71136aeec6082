package traffic

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

// cluster writes the captures of several nodes into memory.
func cluster(t *testing.T, nodes int, o Options) ([]analyze.Input, Truth) {
	t.Helper()
	captures := make([]bytes.Buffer, nodes)
	to := make([]io.Writer, nodes)
	in := make([]analyze.Input, nodes)
	for i := range captures {
		to[i] = &captures[i]
		in[i] = analyze.Input{Name: fmt.Sprintf("node%d.pcap", i+1), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(captures[i].Bytes())), nil
		}}
	}
	truth, err := WriteCluster(to, o)
	if err != nil {
		t.Fatal(err)
	}
	return in, truth
}

// TestCluster: what several nodes' captures show is counted once, each connection was seen on two nodes, and half of them went to one Service.
func TestCluster(t *testing.T) {
	for _, nodes := range []int{2, 5} {
		if testing.Short() && nodes > 2 {
			continue
		}
		t.Run(fmt.Sprint(nodes), func(t *testing.T) {
			o := Cluster
			o.Frames, o.Losses = 200_000, 10
			in, truth := cluster(t, nodes, o)
			var ok, tcp, hot, once uint64
			pairs := map[[2]string]bool{}
			facts, err := analyze.Run(context.Background(), in, analyze.Config{Connection: func(c *fact.Connection) {
				if c.Proto != fact.TCP {
					return
				}
				tcp++
				if c.Outcome == fact.OK {
					ok++
				}
				if c.Called.Addr().As4() == [4]byte{10, 96, 0, 100} {
					hot++
				}
				first, last := c.Legs[0].Node, c.Legs[len(c.Legs)-1].Node
				if first == last {
					once++
				}
				pairs[[2]string{first, last}] = true
			}})
			if err != nil {
				t.Fatal(err)
			}
			check := func(what string, got, want uint64) {
				if got != want {
					t.Errorf("%s: got %d, want %d", what, got, want)
				}
			}
			n := &facts.Totals
			check("frames", n.Frames, truth.Frames)
			check("connections", n.Connections, truth.Connections+truth.Sockets)
			check("TCP connections", tcp, truth.Connections)
			check("closed connections", ok, truth.Closed)
			check("lookups", n.Lookups, truth.Lookups)
			check("retransmissions", n.Retransmissions, truth.Retransmissions)
			check("connections seen on one node", once, 0)
			check("pairs of nodes", uint64(len(pairs)), uint64(nodes*(nodes-1)))
			if hot < tcp*45/100 || hot > tcp*60/100 {
				t.Errorf("%d of %d connections are with the first Service", hot, tcp)
			}
			findings, _ := rules.Judge(facts)
			for _, f := range findings {
				if f.Severity >= rules.Warning {
					t.Errorf("%s %s: %s", f.Severity, f.Rule, f.Title)
				}
			}
		})
	}
}

func TestClusterOptions(t *testing.T) {
	o := Cluster
	if _, err := WriteCluster(make([]io.Writer, 65), o); err == nil {
		t.Error("no error for 65 nodes")
	}
	o.Services = o.Pods
	if _, err := WriteCluster(make([]io.Writer, 2), o); err == nil {
		t.Error("no error for more backends than pods")
	}
}
