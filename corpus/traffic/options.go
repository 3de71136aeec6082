package traffic

import "fmt"

// Options describe a capture. The same options give the same bytes.
type Options struct {
	// Frames is how many frames are written. Connections and lookups in progress then stay unfinished.
	Frames uint64
	// Live is how many connections and lookups are open at any time. Their packets alternate at random.
	Live int
	// Pods is how many pods call Services, of which each calls three of four backends.
	Pods int
	// Exchanges is how many requests a connection makes before it closes, half as many at least.
	Exchanges int
	// Sightings is in how many places each packet is seen: 1 the pod's veth; 2 the uplink as well; 3 the tunnel device, 4 the
	// bridge; 5 and 6 the interfaces that the uplink, a bond, consists of.
	Sightings int
	// Depth is the number of encapsulations on the uplink: 0, 1 (VXLAN), or 2 (VXLAN in VXLAN, as where nodes are themselves
	// machines in an overlay).
	Depth int
	// Lookups is the share of new actors that resolve a name, per thousand; the others connect.
	Lookups int
	// Losses is the share of requests, per thousand, that are lost and sent again.
	Losses int
	// SYNs is how many SYNs of a flood come in, each from an address of its own, spread over the capture.
	SYNs uint64
	// Rate is the number of frames a second, in the time of the capture.
	Rate uint64
	// Begin is the time of the first frame, in nanoseconds since 1970; 0 for always the same.
	Begin int64
	// Wait, where set, is called with each millisecond of the capture's time before its frames are written, and after those before it were.
	Wait func(time int64)
	Seed uint64
}

// Default is a busy node: 5,000 connections at a time, every packet in four places.
var Default = Options{
	Frames: 4_000_000, Live: 5_000, Pods: 200, Exchanges: 60, Sightings: 4, Depth: 1, Lookups: 20, Losses: 2, Rate: 500_000, Seed: 1,
}

func (o *Options) check() error {
	switch {
	case o.Frames < 1 || o.Live < 1 || o.Exchanges < 1 || o.Rate < 1:
		return fmt.Errorf("frames, live, exchanges and rate must be 1 or more")
	case o.SYNs >= o.Frames:
		return fmt.Errorf("the SYNs of a flood are among the frames, and must be fewer")
	case o.Pods < 1 || o.Pods > 200:
		return fmt.Errorf("a node has 1 to 200 pods, not %d", o.Pods)
	case o.Sightings < 1 || o.Sightings > 6:
		return fmt.Errorf("a packet is seen in 1 to 6 places, not in %d", o.Sightings)
	case o.Depth < 0 || o.Depth > 2:
		return fmt.Errorf("there are 0 to 2 encapsulations, not %d", o.Depth)
	case o.Lookups < 0 || o.Lookups > 1000 || o.Losses < 0 || o.Losses > 1000:
		return fmt.Errorf("lookups and losses are shares per thousand")
	}
	return nil
}

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
