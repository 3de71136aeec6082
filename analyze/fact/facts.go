package fact

import "net/netip"

// Facts is everything that analysis concluded from its captures, bounded whatever their size.
type Facts struct {
	Captures []Capture
	// Reach holds who reached whom, with examples; ordered by the time of the first connection.
	Reach   []Reach
	Lookups []Lookup
	DNS     DNSTotals
	Tunnels []Tunnel
	// Addresses are the IP addresses whose role is known, in order.
	Addresses []Address
	// Interfaces are those of which anything is known, by capture and index.
	Interfaces []Interface
	BlindSpots []BlindSpot
	Totals     Totals
	Timeline   Timeline
}

// Totals counts what was seen altogether.
type Totals struct {
	Frames          uint64
	Connections     uint64
	Lookups         uint64
	Retransmissions uint64
	// Live counts the connections that were open when the facts were taken: none at the end of the input, which ends them.
	Live uint64
	// Evicted counts connections that were given up because the budget for state was used up.
	Evicted uint64
}

// Reach is the connections of one client to one place that went the same way: same outcome, same path, same signs.
type Reach struct {
	Client netip.Addr
	// Called, Service, Backend: see Connection. Proto and Outcome likewise.
	Called, Service, Backend netip.AddrPort
	Proto                    Proto
	Outcome                  Outcome
	// Count connections were seen; First is the start of the first and Last the end of the last.
	Count       uint64
	First, Last int64
	// Examples are the first few and the latest of them; of ways on which nothing is wrong the latest alone, where they are many.
	Examples []Connection
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
	Server                     netip.AddrPort
	Backends                   []netip.AddrPort
	Queries, Answers, Servfail uint64
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
	// Arrived says that a capture of Dst saw the tunnel packets coming in; Unwrapped counts the inner packets seen
	// there outside of the tunnel.
	Arrived, Unwrapped uint64
	// Errors are ICMP errors that quoted its packets.
	Errors []ICMPError
	Marks  []Mark
}

// AddressRole is what an IP address is in a cluster.
type AddressRole uint8

// The roles.
const (
	RoleUnknown AddressRole = iota
	RolePod
	RoleNode
	RoleService
	RoleExternal
)

// String returns the role's name: "", pod, node, service, external.
func (r AddressRole) String() string {
	return [...]string{"", "pod", "node", "service", "external"}[r]
}

// Address is an IP address and what is known of it.
type Address struct {
	Addr netip.Addr
	Role AddressRole
	// Node is the label of the capture on whose node it lives, "" if not known.
	Node string
	// DNSServer says that it answers DNS queries.
	DNSServer bool
	// Because says what the role rests on.
	Because string
	// Sent counts packets seen from it, First and Last bound them.
	Sent        uint64
	First, Last int64
}

// Interface is an interface of a capture.
type Interface struct {
	// Capture is the index of the file, Index the kernel's index (LINUX_SLL2) or that in the file.
	Capture int
	Index   uint32
	// Hardware is the ARPHRD type, 0 where the capture has none.
	Hardware uint16
	// Name, Role: see View.
	Name, Role string
	// MTU is as a dump of the node's links says it, in bytes; 0 without one.
	MTU uint32
}

// BlindSpot is something that the captures cannot show.
type BlindSpot struct {
	// Rule is the id of the cap-* rule that reports it, Capture the index of the file, -1 for all.
	Rule    string
	Capture int
	// What can't be seen and how it shows, as a sentence; Instead what to capture to see it.
	What, Instead string
	Ref           Ref
}
