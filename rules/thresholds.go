package rules

// Thresholds are the numbers by which rules tell much from little, as far as a user may have a reason to change them.
// Numbers that follow from a protocol are not among them.
type Thresholds struct {
	// SlowAnswer is how many nanoseconds make an answer slow for dns-slow, SlowShare the share of slow answers among those
	// of one server for names of one kind from which it is no matter of cold caches. A single slow name is reported from
	// VerySlow on; PainfullySlow, in the median, makes a warning of it.
	SlowAnswer, VerySlow, PainfullySlow int64
	SlowShare                           float64
	// CostlySearch is how many nanoseconds a lookup may lose, in the median, to names that do not exist before
	// dns-search-expansion is a warning. So is more waste than use of a server with BusyServer queries a second.
	CostlySearch int64
	BusyServer   uint64
	// LossShare and LossPackets are the retransmissions worth telling by tcp-loss: their share of the packets of a path,
	// and how many there must be at least.
	LossShare   float64
	LossPackets uint64
	// LargePacket is the length in bytes from which an IP packet counts as large for cni-mtu-blackhole, LargeSends how
	// often such a packet must have been sent to count as vanishing.
	LargePacket uint32
	LargeSends  int
	// TunnelPackets is how many packets a tunnel must have carried one way only for cni-tunnel-oneway, TunnelSilence for
	// how many nanoseconds.
	TunnelPackets uint64
	TunnelSilence int64
	// CaptureFrames is how many frames a capture must have before its lack of something shows how it was taken.
	CaptureFrames uint64
	// CaptureSnaplen is the snapshot length in bytes below which cut packets are worth telling.
	CaptureSnaplen uint32
}

// DefaultThresholds returns the thresholds that rules have unless the user sets others.
func DefaultThresholds() Thresholds {
	return Thresholds{
		SlowAnswer: 250e6, SlowShare: 0.1, VerySlow: 1e9, PainfullySlow: 500e6,
		CostlySearch: 100e6, BusyServer: 1000, // CoreDNS answers some ten thousand a second
		// Half a percent: TCP's throughput suffers visibly from there on (Mathis et al.). And more than a stray few.
		LossShare: 0.005, LossPackets: 4,
		// IPv6's minimum MTU less a tunnel's headers: no path of a cluster carries less.
		LargePacket: 1200, LargeSends: 3,
		TunnelPackets: 3, TunnelSilence: 2e9,
		CaptureFrames: 12, CaptureSnaplen: 200,
	}
}
