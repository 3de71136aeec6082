package dump

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// states are those of a neighbour (ip-neighbour(8)).
const states = `(PERMANENT|NOARP|REACHABLE|STALE|NONE|INCOMPLETE|DELAY|PROBE|FAILED)`

// Neighbour is who has an address on a link. MAC is zero where nobody answers.
type Neighbour struct {
	Addr   netip.Addr
	Device string
	MAC    fact.MAC
}

// neighbour reads a line of ip neigh: "10.244.2.0 dev flannel.1 lladdr 02:00:00:00:00:03 PERMANENT".
func (p *parser) neighbour(line string) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return
	}
	a, err := netip.ParseAddr(words[0])
	if p.odd = err != nil; p.odd || !p.take(1) {
		return
	}
	p.dump.Neighbours = append(p.dump.Neighbours, Neighbour{a, strings.Clone(after(words, "dev")), mac(after(words, "lladdr"))})
}

// Forward is where a bridge or a VXLAN sends frames for a link-layer address: to a port, or to another node.
type Forward struct {
	MAC fact.MAC
	// Device is the port of the bridge, or the VXLAN. To is the node, zero for a port.
	Device string
	To     netip.Addr
}

// forward reads a line of bridge fdb: "02:00:00:00:00:03 dev flannel.1 dst 192.168.1.11 self permanent". Addresses of the machine itself, and
// for many at once, are left out.
func (p *parser) forward(line string) {
	words := strings.Fields(line)
	if p.odd = len(words) > 0 && mac(words[0]) == 0; p.odd || len(words) == 0 || !strings.Contains(line, " dst ") && (strings.Contains(line, " permanent") || strings.Contains(line, " self")) {
		return
	}
	f := Forward{MAC: mac(words[0]), Device: strings.Clone(after(words, "dev"))}
	if to := after(words, "dst"); to != "" {
		a, err := netip.ParseAddr(to)
		if p.odd = err != nil; p.odd {
			return
		}
		f.To = a
	}
	if p.take(1) {
		p.dump.Forwards = append(p.dump.Forwards, f)
	}
}

// mac reads a link-layer address, 0 for none.
func mac(text string) fact.MAC {
	const length = len("02:00:00:00:00:03")
	if len(text) != length || strings.Count(text, ":") != 5 {
		return 0
	}
	m, err := strconv.ParseUint(strings.ReplaceAll(text, ":", ""), 16, 48)
	if err != nil {
		return 0
	}
	return fact.MAC(m)
}
