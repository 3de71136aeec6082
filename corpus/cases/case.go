package cases

import (
	"hash/fnv"
	"net/netip"
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// Case is a situation.
type Case struct {
	// Name is unique. About is the situation in a sentence.
	Name, About string
	// Script lets it happen and records the truth about it.
	Script func(*Scene)
}

// Truth is the expected result of analyzing a case's captures.
type Truth struct {
	// Layer is the verdict's, "" where nothing at warning or above is to be found. It is not compared where LayerOpen is set.
	Layer     rules.Layer
	LayerOpen bool
	Expect    []Expected
	// Allow lists rules that may speak too. Any other rule at warning or above is a false alarm.
	Allow []string
	// Forbid lists rules that must not speak at any severity; "*" all but expected, allowed and cap-*.
	Forbid      []string
	Connections []Connection
	Lookups     []*build.Lookup
	// Roles are the expected roles of addresses.
	Roles map[netip.Addr]fact.AddressRole
}

// Expected is a finding that must be there. Zero fields of the place are not compared.
type Expected struct {
	Rule string
	rules.Place
	// Severity is the least one, 0 for any.
	Severity rules.Severity
	// Nodes must all be named.
	Nodes []netip.Addr
}

// Connection is a TCP connection or SCTP association as it should be shown, once. Backend and SNAT are not compared where they are zero.
type Connection struct {
	Client, Service, Backend, SNAT netip.AddrPort
	Outcome                        string
}

// Scene is the cluster in which a case plays, and its truth.
type Scene struct {
	*build.Cluster
	Truth Truth
	// Client and Same are pods on node1, Other one on node2; Outside is a machine outside of the cluster.
	Client, Same, Other *build.Pod
	Outside             *build.External
	// Web is 10.96.0.50:80 with Other's port 8080 behind it; DNS is 10.96.0.10:53 with DNSPod on node2.
	Web, DNS *build.Service
	DNSPod   *build.Pod
	// Taken are the captures of the case: one of each node, unless the script says otherwise.
	Taken []Taken
	// Forms is how captures are written, by name; others as pcap with LINUX_SLL2.
	Forms map[string]build.Form
	// NodePorts is the cluster's range of NodePorts, where it is not Kubernetes' default.
	NodePorts fact.PortRange
	// Known are the objects that the snapshot of the cluster has, all that there are at the end where the script says nothing.
	Known *build.Objects
	name  string
}

// Taken is a place where a capture is taken. Its file and its node have the name.
type Taken struct {
	Name string
	At   build.Place
}

// Start sets the scene: two nodes, three pods and two Services, in the way the options say.
func (s *Scene) Start(opt build.Options) {
	h := fnv.New64a()
	h.Write([]byte(s.name))
	opt.Seed = h.Sum64()
	s.Cluster = build.New(opt)
	s.Client, s.Same, s.Other = s.Nodes[0].Pod(5), s.Nodes[0].Pod(6), s.Nodes[1].Pod(8)
	s.DNSPod = s.Nodes[1].Pod(3)
	s.Outside = s.External("192.168.1.100")
	vip, dns := "10.96.0.50:80", "10.96.0.10:53"
	if opt.IPv6 {
		vip, dns = "[fd00:10:96::50]:80", "[fd00:10:96::10]:53"
	}
	s.Web = s.Service("default/web", vip).Endpoints(s.Other.Port(8080))
	s.DNS = s.Service("kube-system/kube-dns", dns).Endpoints(s.DNSPod.Port(53))
	s.Zone["web.default.svc.cluster.local"] = []netip.Addr{s.Web.VIP().Addr()}
	s.Zone["api.example.com"] = []netip.Addr{netip.MustParseAddr("203.0.113.7")}
	s.Forms = map[string]build.Form{}
	for _, n := range s.Nodes {
		s.Taken = append(s.Taken, Taken{n.Name, n})
	}
}

// ForAMinute repeats something each ten seconds, for longer than a node goes without asking for a neighbour.
func (s *Scene) ForAMinute(do func()) {
	for range 7 {
		do()
		s.Wait(10 * time.Second)
	}
}

// Also adds one more place of capture.
func (s *Scene) Also(name string, at build.Place) { s.Taken = append(s.Taken, Taken{name, at}) }

// Only restricts capturing to one node.
func (s *Scene) Only(n *build.Node) { s.Taken = []Taken{{n.Name, n}} }

// Healthy expects that nothing at all is wrong.
func (s *Scene) Healthy() { s.Truth.Forbid = append(s.Truth.Forbid, "*") }

// Expect requires that a rule speaks about a place.
func (s *Scene) Expect(rule string, where rules.Place) *Expected {
	s.Truth.Expect = append(s.Truth.Expect, Expected{Rule: rule, Place: where})
	return &s.Truth.Expect[len(s.Truth.Expect)-1]
}

// Allow adds rules that may speak too.
func (s *Scene) Allow(rules ...string) { s.Truth.Allow = append(s.Truth.Allow, rules...) }

// Forbid adds rules that must not speak.
func (s *Scene) Forbid(rules ...string) { s.Truth.Forbid = append(s.Truth.Forbid, rules...) }

// Shown requires that a connection is shown, as it went.
func (s *Scene) Shown(all ...*build.Conn) {
	for _, k := range all {
		c := Connection{Client: k.Client.Local, Outcome: string(k.End), Backend: k.Backend(), SNAT: k.SNAT()}
		if s.IsService(k.Called) {
			c.Service = k.Called
		}
		s.Truth.Connections = append(s.Truth.Connections, c)
	}
}

// Associated requires that an SCTP association is shown, as it went.
func (s *Scene) Associated(all ...*build.Association) {
	for _, a := range all {
		c := Connection{Client: a.Local, Outcome: string(a.End), Backend: a.Backend(), SNAT: a.SNAT()}
		if s.IsService(a.Called) {
			c.Service = a.Called
		}
		s.Truth.Connections = append(s.Truth.Connections, c)
	}
}

// Asked requires that lookups are shown, as they went.
func (s *Scene) Asked(all ...*build.Lookup) { s.Truth.Lookups = append(s.Truth.Lookups, all...) }

// Is sets the expected role of the hosts' addresses.
func (s *Scene) Is(role fact.AddressRole, hosts ...build.Host) {
	if s.Truth.Roles == nil {
		s.Truth.Roles = map[netip.Addr]fact.AddressRole{}
	}
	for _, h := range hosts {
		s.Truth.Roles[h.Addr()] = role
	}
}

// place is the client, Service and backend of a connection.
func place(k *build.Conn) rules.Place {
	p := rules.Place{Client: k.Client.Local.Addr(), Service: k.Called, Backend: k.Backend()}
	if p.Backend == p.Service {
		p.Service = netip.AddrPort{}
	}
	return p
}

// File is a capture of a case.
type File struct {
	Name, Node string
	Data       []byte
}

// Play runs the script and returns the scene with its truth.
func (c Case) Play() *Scene {
	s := &Scene{name: c.Name}
	c.Script(s)
	if s.Known == nil {
		s.Known = s.Objects()
	}
	return s
}

// Files are the captures, in the order of Taken.
func (s *Scene) Files() []File { return s.FilesAs(nil) }

// FilesAs are the captures written in another form, which is asked for by a capture's name; nil for the case's own.
func (s *Scene) FilesAs(form func(name string) build.Form) []File {
	var files []File
	for _, t := range s.Taken {
		f, name := s.Forms[t.Name], t.Name+".pcap"
		if form != nil {
			f = form(t.Name)
		}
		if f.Pcapng || f.PerInterface {
			name += "ng"
		}
		files = append(files, File{name, t.Name, t.At.Capture(f)})
	}
	return files
}

// Shift sets the second node's clock ahead, as if nobody had set it.
func (s *Scene) Shift(d time.Duration) {
	if len(s.Nodes) > 1 {
		s.Nodes[1].SetClock(int64(d))
	}
}
