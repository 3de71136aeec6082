package fact

import (
	"strconv"

	"github.com/netsift/netsift/decode"
)

// Counts are the numbers of what is in one capture at all (analyze/tally). Their JSON form is that of the contract's
// "netsift stats -o json".
type Counts struct {
	Frames uint64 `json:"frames"`
	// Bytes is the sum of the frames' lengths on the wire.
	Bytes     uint64          `json:"bytes"`
	Network   NetworkCounts   `json:"network"`
	Transport TransportCounts `json:"transport"`
	Tunnels   TunnelCounts    `json:"tunnels"`
	DNS       DNSCounts       `json:"dns"`
	Flows     FlowCounts      `json:"flows"`
}

// NetworkCounts counts frames by the network protocol of their innermost packet. Other holds packets that are
// neither IP nor ARP or were not read that far, and tunnels without such a packet.
type NetworkCounts struct {
	IPv4  uint64 `json:"ipv4"`
	IPv6  uint64 `json:"ipv6"`
	ARP   uint64 `json:"arp"`
	Other uint64 `json:"other"`
}

// TransportCounts counts innermost IP packets by what follows their header and its extensions, cut or not. Fragment holds
// fragments but the first: no transport header follows their header.
type TransportCounts struct {
	TCP      uint64 `json:"tcp"`
	UDP      uint64 `json:"udp"`
	ICMP     uint64 `json:"icmp"`
	ICMPv6   uint64 `json:"icmpv6"`
	SCTP     uint64 `json:"sctp"`
	Fragment uint64 `json:"fragment"`
	Other    uint64 `json:"other"`
}

// TunnelCounts counts frames by the encapsulations that they have. A decode.EncapKind is the index.
type TunnelCounts [decode.EncapKinds]uint64

// MarshalJSON implements json.Marshaler: an object with the word of each kind that is unwrapped.
func (t TunnelCounts) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for k := range decode.Unwrapped().All() {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, k.String())
		b = append(b, ':')
		b = strconv.AppendUint(b, t[k], 10)
	}
	return append(b, '}'), nil
}

// DNSCounts counts innermost UDP packets with port 53 on either side and a whole DNS header.
type DNSCounts struct {
	Queries   uint64 `json:"queries"`
	Responses uint64 `json:"responses"`
	// NXDomain are the responses that say that the name does not exist.
	NXDomain uint64 `json:"nxdomain"`
}

// FlowCounts counts distinct innermost 5-tuples, both directions together.
type FlowCounts struct {
	TCP uint64 `json:"tcp"`
	UDP uint64 `json:"udp"`
	// AtLeast: there were more than are told apart (tally.MaxFlows), and the numbers are lower bounds.
	AtLeast bool `json:"at_least,omitempty"`
}
