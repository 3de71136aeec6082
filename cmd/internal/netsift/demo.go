package netsift

import (
	"bytes"
	_ "embed"
	"io"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/cmd/internal/report/text"
)

// The demo's captures: two nodes with a pod each, VXLAN between them, taken with tcpdump -i any while the tunnel's MTU
// was smaller than the pods' and a firewall dropped the ICMP errors that would have said so.
var (
	//go:embed demo/node1.pcap.zst
	demoNode1 []byte
	//go:embed demo/node2.pcap.zst
	demoNode2 []byte
	// demoCluster is the snapshot of their cluster, as far as its objects are in the packets.
	//go:embed demo/cluster.json
	demoCluster []byte
)

// demoFrame says around the demo's report what there is to see, and what to do next.
var demoFrame = &text.Frame{
	Before: []string{
		"A demo: two Kubernetes nodes, captured with tcpdump -i any while clients of a web Service complained: small pages load, " +
			"large ones hang. This is what netsift says about it:",
	},
	After: []string{
		"On your own cluster: run this on each node while it fails, and stop it with Ctrl-C.",
		"tcpdump -i any -s 256 -w node1.pcap",
		"Addresses get names from a snapshot of the cluster:",
		"kubectl get pods,svc,nodes -A -o json > cluster.json",
		"Then, with all the files at once:",
		"netsift analyze --cluster cluster.json node1.pcap node2.pcap",
	},
}

// demoInputs returns the demo's captures.
func demoInputs() []analyze.Input {
	return []analyze.Input{embedded("node1.pcap.zst", "node1", demoNode1), embedded("node2.pcap.zst", "node2", demoNode2)}
}

// demoSnapshot returns the files of the demo's snapshot.
func demoSnapshot() []snapshot.File {
	return []snapshot.File{{Name: "cluster.json", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(demoCluster)), nil }}}
}

func embedded(name, node string, data []byte) analyze.Input {
	return analyze.Input{Name: name, Node: node, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}}
}
