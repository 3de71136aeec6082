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
	// addresses are in the order in which they were first seen, byAddr finds them.
	addresses []address
	byAddr    map[netip.Addr]int32
	networks  map[netip.Prefix]network
	// owners has the addresses that the captured machines' own packets came from, by network.
	owners map[netip.Prefix]list[owner]
	called map[netip.AddrPort]called
	// ranges has, by network, some of the addresses in it that were called as a Service's.
	ranges map[netip.Prefix]serviceRange
	// ports holds the NodePorts that were translated: they are the same on every node.
	ports map[uint16]bool
	// machines are those on which captures were taken, by Source.Machine.
	machines []machine
	// tunnels has the largest TTL of packets inside each tunnel.
	tunnels    map[tunnel]uint8
	interfaces *interfaces
	// faces are the names and roles given since something was learned last.
	faces map[viewed]face
	along []passage // room that pass uses again
	ways  [][]passage
}

// maxEntries bounds each table: a scan over all of IPv6 must not fill the memory.
const maxEntries = 1 << 16

// DefaultNodePorts is the range that NodePorts have where nobody says another.
var DefaultNodePorts = fact.PortRange{First: kube.FirstNodePort, Last: kube.LastNodePort}

// New returns a Cluster of which nothing is known, for connections seen in the given captures.
func New(sources []Source, nodePorts fact.PortRange) *Cluster {
	machines := uint16(0)
	for i := range sources {
		machines = max(machines, sources[i].Machine+1)
	}
	return &Cluster{
		sources: sources, nodePorts: nodePorts, machines: make([]machine, machines),
		byAddr: map[netip.Addr]int32{}, networks: map[netip.Prefix]network{}, owners: map[netip.Prefix]list[owner]{},
		called: map[netip.AddrPort]called{}, ranges: map[netip.Prefix]serviceRange{}, ports: map[uint16]bool{},
		tunnels: map[tunnel]uint8{}, interfaces: newInterfaces(), faces: map[viewed]face{},
	}
}

// Clone returns a copy that learns on its own.
func (k *Cluster) Clone() *Cluster {
	c := *k
	c.addresses, c.byAddr = slices.Clone(k.addresses), maps.Clone(k.byAddr)
	c.networks, c.owners = maps.Clone(k.networks), maps.Clone(k.owners)
	c.called, c.ranges, c.ports = maps.Clone(k.called), maps.Clone(k.ranges), maps.Clone(k.ports)
	c.machines, c.tunnels, c.interfaces = slices.Clone(k.machines), maps.Clone(k.tunnels), k.interfaces.clone()
	c.along, c.ways, c.faces = nil, nil, map[viewed]face{}
	return &c
}

// Learn enters the observations of a connection. Each connection must be entered once.
func (k *Cluster) Learn(c *fact.Connection) {
	clear(k.faces)
	k.spoke(c, fact.ToServer)
	k.spoke(c, fact.ToClient)
	k.crossed(c)
	k.pass(c)
	if c.Destination != c.Called {
		k.translated(c)
	} else if r, ok := k.refusalOf(c); ok {
		k.refused(c.Called, r)
	}
}

// change changes the entry of a table, or makes one if there is room for it.
func change[K comparable, V any](table map[K]V, key K, set func(*V)) {
	v, ok := table[key]
	if !ok && len(table) >= maxEntries {
		return
	}
	set(&v)
	table[key] = v
}

// list is a few values. A full list takes no more.
type list[T comparable] struct {
	n    uint8
	item [8]T
}

// add enters a value that is not in it, and reports whether there was room.
func (l *list[T]) add(x T) bool {
	for i := range l.n {
		if l.item[i] == x {
			return true
		}
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
