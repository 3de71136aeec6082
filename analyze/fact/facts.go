package fact

import "net/netip"

// Facts is everything that analysis concluded from its captures, bounded whatever their size.
type Facts struct {
	Captures []Capture
	// Reach holds the ways of clients to places, with examples; ordered by the first connection.
	Reach []Reach
	// Lookups are those that did not go well, and examples of the others; Plain counts the rest, ordered by the first, and Heard says
	// when their servers answered.
	Lookups []Lookup
	Plain   []Plain
	Heard   []Heard
	DNS     DNSTotals
	Tunnels []Tunnel
	// Neighbours are the addresses whose link-layer address was asked for or claimed, by node and address.
	Neighbours []Neighbour
	// Addresses are the IP addresses that were seen, in order.
	Addresses []Address
	// Interfaces are those of which anything is known, by capture and index.
	Interfaces []Interface
	Cluster    Cluster
	Totals     Totals
	// Part counts what was asked for, nil where everything was.
	Part     *Part
	Timeline Timeline
}

// Totals counts what was seen altogether.
type Totals struct {
	Frames          uint64
	Connections     uint64
	Lookups         uint64
	Retransmissions uint64
	// Failed counts the connections that failed (Connection.Failed), Late those, and the lookups, that succeeded only after a resend.
	Failed, Late uint64
	// Live counts the connections that were open when the facts were taken: none at the end of the input, which ends them.
	Live uint64
	// Evicted counts connections that were given up because the budget for state was used up.
	Evicted uint64
	// EvictedWays counts the entries of Reach that were given up for the same reason, or were not made: one that comes again counts again. EvictedLookups
	// counts the lookups that were given up before they ended, and those of which no entry in Lookups was kept although something was wrong
	// with them: they count in DNS.
	EvictedWays, EvictedLookups uint64
	// EvictedFaults counts those of EvictedWays on which something was wrong. The others say nothing that the ways kept do not.
	EvictedFaults uint64
}

// Part counts what was asked for of the connections and lookups; Failed and Late are those of Totals among them.
type Part struct {
	Connections, Lookups uint64
	Failed, Late         uint64
	// Addresses are those that are asked for by themselves, in order, whatever connections they have. The caller of analysis sets them.
	Addresses []netip.Addr
}

// Reach is the connections of one client to one place that went the same way: all have the same Client, Called, Destination, Proto,
// Outcome, Phase and Signs. So a rule that asks for these, and for nothing else, may ask any example.
type Reach struct {
	Client netip.Addr
	// Called, Destination, Service, Backend: see Connection. Proto, Outcome and Phase likewise.
	Called, Destination, Service, Backend netip.AddrPort
	// Former is that of Connection.Former, zero where there was none.
	Former  netip.AddrPort
	Proto   Proto
	Outcome Outcome
	Phase   Phase
	Signs   Signs
	// Count connections were seen, Chosen of them are asked for, where a part was (Facts.Part); First is the start of the first, LastStart that of the last, and Last the end of the last.
	Count, Chosen          uint64
	First, LastStart, Last int64
	// Packets counts those sent in both directions, Lost the lost ones, see Connection.Losses.
	Packets, Lost uint64
	// MSS is the largest segment that the two ends of a connection agreed on, OwnMSS what the ends' own machines announced, indexed by the
	// Direction that each sends in; see Connection.AgreedMSS and OwnMSS. 0 where no connection shows it. Acked is the longest packet of
	// either direction that was acknowledged, in bytes: perhaps a GSO super-packet.
	MSS    uint16
	OwnMSS [2]uint16
	Acked  uint32
	// Examples are the first few and the latest of them. A healthy Reach keeps the latest alone if there are many.
	Examples []Connection
}

// Failed reports whether the connections failed, see Connection.Failed.
func (r *Reach) Failed() bool { return failed(r.Proto, r.Outcome) }

// Late reports whether the connections were late, see Connection.Late.
func (r *Reach) Late() bool {
	return r.Proto.Opens() && r.Phase != PhaseHandshake && r.Signs&SignSYNResend != 0 && r.Signs&SignMidstream == 0 && !r.Failed()
}

// DNSTotals is what all lookups cost, beyond those that Facts.Lookups keeps, and how the servers fared.
type DNSTotals struct {
	Lookups, Queries, Wasted, Retries, Unanswered uint64

	Costs   DNSCosts
	Servers []DNSServer
}

// DNSServer is one DNS server and how its queries fared.
type DNSServer struct {
	// Server is its address as its clients called it, Backends what that was translated to.
	Server   netip.AddrPort
	Backends []netip.AddrPort
	// Object is the object that Server is the address of, nil where it has no name.
	Object *Object
	// Queries counts the questions (name and type) that it was asked. A question put again counts in Retries, as in Lookup. Answers
	// counts the questions that it answered, Unanswered the others; Servfail the messages answered so.
	Queries, Retries, Answers, Unanswered, Servfail uint64
	// Median is the median time from query to answer, in nanoseconds; -1 without an answer.
	Median int64
}

// Tunnel is the encapsulated traffic between two nodes.
type Tunnel struct {
	Encap
	// Sent counts the tunnel packets from Src to Dst, Returned those from Dst to Src, in one view each.
	Sent, Returned uint64
	// LastSent and LastReturned are the times of the last of each, 0 for never; FirstSent that of the first.
	FirstSent, LastSent, LastReturned int64
	// Fragments counts tunnel packets that were cut into IP fragments; MaxInner is the largest inner IP packet of those,
	// MTU the length of their first fragment.
	Fragments     uint64
	MaxInner, MTU uint32
	// FragmentsIn counts those of Fragments that were seen coming in, RestsIn the later fragments that did, of whatever packets from Src
	// to Dst with the tunnel's IP protocol.
	FragmentsIn, RestsIn uint64
	// Whole is the length of the longest tunnel packet that came in to a node in one piece, as far as it was no TCP, of which receive offload
	// makes one packet of several; 0 without one. The underlay carries that much.
	Whole uint32
	// Errors are ICMP errors that quoted its packets.
	Errors []ICMPError
	Marks  []Mark
}
