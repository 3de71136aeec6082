package cluster

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/kube"
)

// Source is a capture as a Cluster needs to know it.
type Source struct {
	// Machine is the same for all captures of one machine, Node is its label.
	Machine uint16
	Node    string
	// Link says what is known of an interface of the file; without a name where nothing is.
	Link func(index uint32) Link
}

// Cluster is the knowledge of one cluster, learned from connections and told by the user.
type Cluster struct {
	sources   []Source
	nodePorts fact.PortRange
	addresses table[netip.Addr, address]
	networks  table[netip.Prefix, network]
	// owners has the addresses that the captured machines' own packets came from, by network.
	owners table[netip.Prefix, list[owner]]
	called table[netip.AddrPort, called]
	// ranges has, by network, some of the addresses in it that were called as a Service's.
	ranges table[netip.Prefix, serviceRange]
	// ports holds the NodePorts that were translated: they are the same on every node.
	ports map[uint16]bool
	// machines are those on which captures were taken, by Source.Machine.
	machines []machine
	// tunnels has the largest TTL of packets inside each tunnel.
	tunnels    table[tunnel, uint8]
	interfaces *interfaces
	// faces are the names and roles given since something was learned last.
	faces map[viewed]face
	along []passage // room that pass uses again
	ways  [][]passage
}

// DefaultNodePorts is the range that NodePorts have where nobody says another.
var DefaultNodePorts = fact.PortRange{First: kube.FirstNodePort, Last: kube.LastNodePort}

// interfacesIn is how many entries there are to an interface: a node has hundreds of these, and calls thousands of addresses.
const interfacesIn = 16

// New returns a Cluster of which nothing is known, for connections seen in the given captures. Twice room bounds the entries of each of its
// tables: a scan over all of IPv6 must not fill the memory. An entry takes some 250 bytes, one of an interface a kilobyte or two.
func New(sources []Source, nodePorts fact.PortRange, room int) *Cluster {
	machines := uint16(0)
	for i := range sources {
		machines = max(machines, sources[i].Machine+1)
	}
	return &Cluster{
		sources: sources, nodePorts: nodePorts, machines: make([]machine, machines),
		addresses: newTable[netip.Addr, address](room), networks: newTable[netip.Prefix, network](room),
		owners: newTable[netip.Prefix, list[owner]](room), called: newTable[netip.AddrPort, called](room),
		ranges: newTable[netip.Prefix, serviceRange](room), ports: map[uint16]bool{}, tunnels: newTable[tunnel, uint8](room),
		interfaces: newInterfaces(room / interfacesIn), faces: map[viewed]face{},
	}
}

// Above returns a Cluster that knows what k knows and learns on its own. It is good as long as k learns nothing.
func (k *Cluster) Above() *Cluster {
	c := *k
	c.addresses, c.networks, c.owners, c.called = k.addresses.above(), k.networks.above(), k.owners.above(), k.called.above()
	c.ranges, c.ports, c.machines = k.ranges.above(), maps.Clone(k.ports), slices.Clone(k.machines)
	c.tunnels, c.interfaces = k.tunnels.above(), k.interfaces.above()
	c.along, c.ways, c.faces = nil, nil, map[viewed]face{}
	return &c
}

// More is what is counted of connections that went the same way.
type More struct {
	Connections uint32
	// Packets counts the packets of each direction, Tail is when the last one was seen.
	Packets [2]uint64
	Tail    [2]int64
}

// Add adds a connection.
func (m *More) Add(packets [2]uint64, tail [2]int64) {
	m.Connections++
	for d := range packets {
		m.Packets[d] += packets[d]
		m.Tail[d] = max(m.Tail[d], tail[d])
	}
}

// Learn enters the observations of a connection. Each connection must be entered once.
func (k *Cluster) Learn(c *fact.Connection) {
	k.LearnMore(c, &More{
		Connections: 1, Packets: [2]uint64{c.Flow[0].Packets, c.Flow[1].Packets}, Tail: [2]int64{c.Flow[0].Tail, c.Flow[1].Tail},
	})
}

// LearnMore enters the observations of connections that all went as c did.
func (k *Cluster) LearnMore(c *fact.Connection, m *More) {
	if len(k.faces) > 0 {
		clear(k.faces)
	}
	k.spoke(c, fact.ToServer, m)
	k.spoke(c, fact.ToClient, m)
	k.crossed(c)
	k.pass(c, m.Connections)
	if c.Destination != c.Called {
		k.translated(c)
	} else if r, ok := k.refusalOf(c); ok {
		k.refused(c.Called, r)
	}
}

// list is a few values. A full list takes no more.
type list[T comparable] struct {
	n    uint8
	item [8]T
}

// has reports whether a value is in it.
func (l *list[T]) has(x T) bool {
	for i := range l.n {
		if l.item[i] == x {
			return true
		}
	}
	return false
}

// add enters a value that is not in it, and reports whether there was room.
func (l *list[T]) add(x T) bool {
	if l.has(x) {
		return true
	}
	if int(l.n) == len(l.item) {
		return false
	}
	l.item[l.n] = x
	l.n++
	return true
}

// all returns the values.
func (l *list[T]) all() []T { return l.item[:l.n] }
