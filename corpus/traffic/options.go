package traffic

import "fmt"

// Options describe a capture. The same options give the same bytes.
type Options struct {
	// Frames is how many frames are written, and those that the last packet has beyond. Connections and lookups in progress then
	// stay unfinished.
	Frames uint64
	// Live is how many long connections are open at any time. They think between requests, for as long as Rate asks for.
	Live int
	// Exchanges is how many requests a long connection makes before it closes, half as many at least.
	Exchanges int
	// Short is the share of the frames, per thousand, that short connections make that come and go among the long ones, the
	// lookups before them included.
	Short int
	// Requests is how many requests a short connection makes, 1 at least; 0 for lookups that no connection follows.
	Requests int
	// Pods is how many pods call Services, Services how many there are, Called how many of them each pod calls, and Backends
	// how many each has. Connections go at random to the backends of the Services that their pod calls: there are up to
	// Pods * Called * Backends distinct ways.
	Pods, Services, Called, Backends int
	// Sightings is in how many places each packet is seen: 1 the pod's veth; 2 the uplink as well; 3 the tunnel device, 4 the
	// bridge; 5 and 6 the interfaces that the uplink, a bond, consists of.
	Sightings int
	// Depth is the number of encapsulations on the uplink: 0, 1 (VXLAN), or 2 (VXLAN in VXLAN, as where nodes are themselves
	// machines in an overlay).
	Depth int
	// Lookups is the share of connections, per thousand, that a name lookup precedes.
	Lookups int
	// Candidates is how many names a lookup asks for, each for A and AAAA, until it finds the Service: from 1 (a name without
	// dots, in the pod's own namespace) to 4 (the full name without a dot at its end, with ndots:5).
	Candidates int
	// DNSPort is the port of the DNS server. With 5355, LLMNR's (RFC 4795), the same datagrams are no lookups to netsift.
	DNSPort uint16
	// Losses is the share of requests, per thousand, that are lost and sent again.
	Losses int
	// SYNs is how many SYNs of a flood come in, each from an address of its own, spread over the capture.
	SYNs uint64
	// Rate is the number of frames a second, in the time of the capture: about, and fewer where that's too many for Live
	// connections that don't think.
	Rate uint64
	// Begin is the time of the first frame, in nanoseconds since 1970; 0 for always the same.
	Begin int64
	// Wait, where set, is called with each millisecond of the capture's time before its frames are written, and after those before it were.
	Wait func(time int64)
	Seed uint64
	// Nodes is how many nodes are captured: set by Write and WriteCluster. Where there are several, backends and DNS servers are pods of theirs,
	// and each connection goes from one node to another.
	Nodes int
	// Hot is the share of connections, per thousand, that go to the first Service.
	Hot int
}

// Default is a busy node whose connections stay: 5,000 at a time, every packet in four places.
var Default = Options{
	Frames: 4_000_000, Live: 5_000, Exchanges: 60, Requests: 3,
	Pods: 200, Services: 20, Called: 3, Backends: 4, Sightings: 4, Depth: 1,
	Lookups: 20, Candidates: 2, DNSPort: 53, Losses: 2, Rate: 500_000, Seed: 1,
}

// Churn is a node whose connections come and go, half of them after a lookup of eight questions, among 5,000 long ones that
// mostly think. Nearly every connection goes a way of its own.
var Churn = Options{
	Frames: 4_000_000, Live: 5_000, Exchanges: 60, Short: 800, Requests: 3,
	Pods: 100, Services: 200, Called: 200, Backends: 100, Sightings: 4, Depth: 1,
	Lookups: 500, Candidates: 4, DNSPort: 53, Losses: 2, Rate: 100_000, Seed: 1,
}

// Cluster is for several nodes, whose connections come and go, half of them with one Service.
var Cluster = Options{
	Frames: 1_000_000, Live: 500, Exchanges: 60, Short: 800, Requests: 3,
	Pods: 100, Services: 20, Called: 20, Backends: 5, Sightings: 4, Depth: 1,
	Lookups: 500, Candidates: 2, DNSPort: 53, Losses: 2, Rate: 100_000, Seed: 1, Hot: 500,
}

func (o *Options) check() error {
	switch {
	case o.Nodes < 1 || o.Nodes > 64:
		return fmt.Errorf("1 to 64 nodes are captured, not %d", o.Nodes)
	case o.Nodes > 1 && o.Services*o.Backends > o.Pods:
		return fmt.Errorf("each node has a pod for each of a Service's backends, and %d pods are too few", o.Pods)
	case o.Hot < 0 || o.Hot > 1000:
		return fmt.Errorf("the first Service's connections are a share per thousand")
	case o.Frames < 1 || o.Exchanges < 1 || o.Rate < 1 || o.Rate > 1e9 || o.DNSPort < 1:
		return fmt.Errorf("frames, exchanges, rate and the DNS port must be 1 or more")
	case o.Live < 0 || o.Live+o.Short < 1 || o.Requests < 0:
		return fmt.Errorf("there must be live connections or short ones")
	case o.Requests == 0 && o.Short > 0 && o.Lookups == 0:
		return fmt.Errorf("short connections without requests are lookups, and there are none")
	case o.SYNs >= o.Frames:
		return fmt.Errorf("the SYNs of a flood are among the frames, and must be fewer")
	case o.Pods < 1 || o.Pods > maxPods:
		return fmt.Errorf("a node has 1 to %d pods, not %d", maxPods, o.Pods)
	case o.Called < 1 || o.Called > o.Services || o.Backends < 1 || o.Services > maxBackends/o.Backends:
		return fmt.Errorf("pods call one Service or more of those there are, which have one backend or more, and %d together at most", maxBackends)
	case o.Sightings < 1 || o.Sightings > 6:
		return fmt.Errorf("a packet is seen in 1 to 6 places, not in %d", o.Sightings)
	case o.Depth < 0 || o.Depth > 2:
		return fmt.Errorf("there are 0 to 2 encapsulations, not %d", o.Depth)
	case o.Lookups < 0 || o.Lookups > 1000 || o.Losses < 0 || o.Losses > 1000 || o.Short < 0 || o.Short > 1000:
		return fmt.Errorf("lookups, losses and short connections are shares per thousand")
	case o.Candidates < 1 || o.Candidates > len(suffixes):
		return fmt.Errorf("a lookup asks for 1 to %d names, not for %d", len(suffixes), o.Candidates)
	}
	return nil
}

// maxPods are called by numbers below this one, which is that of a DNS server.
const maxPods = 200

// maxBackends fit into the network of the other node's pods, and into that of Services.
const maxBackends = 60_000

// Truth is the content of a capture.
type Truth struct {
	Frames uint64 `json:"frames"`
	// Connections counts TCP connections, Closed those of them that were closed, SYNs the flood's.
	Connections uint64 `json:"connections"`
	Closed      uint64 `json:"closed"`
	SYNs        uint64 `json:"syns"`
	// Lookups counts names that were resolved, or begun to be; Answered those that ended; Sockets the UDP flows.
	Lookups  uint64 `json:"lookups"`
	Answered uint64 `json:"answered"`
	Sockets  uint64 `json:"sockets"`
	// Retransmissions counts requests that were sent again.
	Retransmissions uint64 `json:"retransmissions"`
	// ToServer and ToClient are the payloads of the TCP connections, in bytes.
	ToServer uint64 `json:"to_server"`
	ToClient uint64 `json:"to_client"`
}
