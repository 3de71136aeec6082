package policy

var thresholds = []Threshold{
	{
		"dns_slow_answer",
		[]string{"dns-slow"},
		"how long an answer must take to be slow", "duration",
		lasting{func(t *Limits) *int64 { return &t.SlowAnswer }},
	},
	{
		"dns_slow_share",
		[]string{"dns-slow"},
		"share of slow answers, of one server and for names in or outside of the cluster, from which on they are told", "share",
		share{func(t *Limits) *float64 { return &t.SlowShare }},
	},
	{
		"dns_very_slow",
		[]string{"dns-slow"},
		"how long an answer must take to be told where it is the only slow one", "duration",
		lasting{func(t *Limits) *int64 { return &t.VerySlow }},
	},
	{
		"dns_painfully_slow",
		[]string{"dns-slow"},
		"how long slow answers must take in the median for a warning", "duration",
		lasting{func(t *Limits) *int64 { return &t.PainfullySlow }},
	},
	{
		"dns_costly_walk",
		[]string{"dns-search-expansion"},
		"how much time lookups must lose in the median to names that do not exist for a warning", "duration",
		lasting{func(t *Limits) *int64 { return &t.CostlySearch }},
	},
	{
		"dns_busy_server",
		[]string{"dns-search-expansion"},
		"queries a second from which on it is a warning that more than half of what a server is asked does not exist", "number",
		whole[uint64]{func(t *Limits) *uint64 { return &t.BusyServer }, 1, 1e9},
	},
	{
		"node_port_first",
		[]string{"svc-local-no-endpoint", "svc-no-dnat", "svc-no-endpoints"},
		"first port of the cluster's range of NodePorts (kube-apiserver's --service-node-port-range)", "number",
		whole[uint16]{func(t *Limits) *uint16 { return &t.NodePorts.First }, 1, 65535},
	},
	{
		"node_port_last",
		[]string{"svc-local-no-endpoint", "svc-no-dnat", "svc-no-endpoints"},
		"last port of that range", "number",
		whole[uint16]{func(t *Limits) *uint16 { return &t.NodePorts.Last }, 1, 65535},
	},
	{
		"mtu_large_bytes",
		[]string{"cni-mtu-blackhole"},
		"length from which an IP packet counts as large", "bytes",
		whole[uint32]{func(t *Limits) *uint32 { return &t.LargePacket }, 68, 65535},
	},
	{
		"mtu_sends",
		[]string{"cni-mtu-blackhole"},
		"how often a large packet must have been sent, and never acknowledged, to count as vanishing", "number",
		whole[int]{func(t *Limits) *int { return &t.LargeSends }, 2, 100},
	},
	{
		"tunnel_packets",
		[]string{"cni-tunnel-oneway"},
		"how many packets must have gone into a tunnel without one coming back", "number",
		whole[uint64]{func(t *Limits) *uint64 { return &t.TunnelPackets }, 1, 1e9},
	},
	{
		"tunnel_silence",
		[]string{"cni-tunnel-oneway"},
		"for how long at least", "duration",
		lasting{func(t *Limits) *int64 { return &t.TunnelSilence }},
	},
	{
		"loss_share",
		[]string{"tcp-loss"},
		"share of a path's packets that had to be sent again, from which on it is told", "share",
		share{func(t *Limits) *float64 { return &t.LossShare }},
	},
	{
		"loss_packets",
		[]string{"tcp-loss"},
		"how many packets must have been sent again at least", "number",
		whole[uint64]{func(t *Limits) *uint64 { return &t.LossPackets }, 1, 1e9},
	},
	{
		"capture_frames",
		[]string{"cap-filtered", "cap-one-direction"},
		"how many frames a capture must have before what it lacks says how it was taken", "number",
		whole[uint64]{func(t *Limits) *uint64 { return &t.CaptureFrames }, 1, 1e9},
	},
	{
		"capture_snaplen",
		[]string{"cap-snaplen"},
		"snapshot length below which cut packets are told", "bytes",
		whole[uint32]{func(t *Limits) *uint32 { return &t.CaptureSnaplen }, 0, 262144},
	},
}
