package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// scenario is a situation in a cluster.
type scenario struct {
	name, about string
	// ci has it run in every run of .ci/run.
	ci bool
	shape
	// play lets it happen and records the truth about it.
	play func(*stage)
}

// sceneTime bounds a scenario, with everything before and after.
const sceneTime = 40 * time.Second

// stage is the place of a scenario: a cluster of two nodes with Service web on 10.96.0.50:80 and a client on node1. A failure
// of the stage itself, not of the cluster, is remembered in err and makes everything after it void.
type stage struct {
	*cluster
	ctx context.Context
	truth
	dir       string
	client    *pod
	recorders []*recorder
	dials     int
	patience  time.Duration // how long clients wait for a connection
	names     names
	nameserve *pod
	helpers   []*agent // of hosts that are no part of the cluster
	lookups   []lookup
	musl      string // the program that looks up names, once built
	err       error
}

// web is the Service's address, webPort the port of its backends.
var (
	web     = netip.MustParseAddrPort("10.96.0.50:80")
	kubeDNS = netip.MustParseAddrPort("10.96.0.10:53")
)

const webPort = 8080

// take plays a scenario and leaves captures and truth in a folder.
func (s *scenario) take(ctx context.Context, dir string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, sceneTime)
	defer cancel()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	st := &stage{cluster: &cluster{shape: s.shape, scenario: s.name}, ctx: ctx, dir: dir, patience: dialPatience}
	st.truth = truth{Scenario: s.name, About: s.about, Allow: []string{}, Forbid: []string{}, Expect: []expectation{}, Connections: []*connection{}, Layer: "none"}
	st.Addresses = map[string]any{"node1": node1Addr, "node2": node2Addr, "ext": outsideAddr}
	defer func() {
		for _, r := range st.recorders {
			r.kill()
		}
		for _, a := range st.helpers {
			a.kill()
		}
		if st.musl != "" {
			os.RemoveAll(filepath.Dir(st.musl))
		}
		if e := st.remove(); err == nil {
			err = e
		}
	}()
	if err := st.build(ctx); err != nil {
		return err
	}
	st.client = st.pod(1, 5)
	st.names.Addresses = map[string]netip.Addr{
		"web.default.svc.cluster.local": web.Addr(),
		"api.example.com":               netip.MustParseAddr("203.0.113.7"),
		"www.example.com":               netip.MustParseAddr("203.0.113.8"),
	}
	s.play(st)
	st.finish()
	return st.err
}

// fail remembers the first thing that went wrong with the stage; nil is none.
func (s *stage) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// pod starts a pod that serves HTTP on the given ports.
func (s *stage) pod(node, last int, ports ...uint16) *pod {
	none := &pod{node: s.nodes[node-1]} // for a stage that has failed: nobody will look at it
	if s.err != nil {
		return none
	}
	p, err := s.addPod(s.ctx, none.node, last, ports...)
	if err != nil {
		s.fail(err)
		return none
	}
	s.Addresses[p.host.name] = p.addr
	return p
}

// at is a pod's port.
func (p *pod) at(port uint16) netip.AddrPort { return netip.AddrPortFrom(p.addr, port) }

// service adds a Service; its name is NAMESPACE/NAME.
func (s *stage) service(name string, vip netip.AddrPort, endpoints ...netip.AddrPort) *service {
	v := &service{name: name + ":http", vip: vip, endpoints: endpoints}
	s.services = append(s.services, v)
	return v
}

// dns starts a pod with CoreDNS' role on node2, and its Service.
func (s *stage) dns() {
	s.nameserve = s.pod(2, 3)
	for _, proto := range []struct {
		port string
		udp  bool
	}{{"dns", true}, {"dns-tcp", false}} {
		v := s.service("kube-system/kube-dns", kubeDNS, s.nameserve.at(53))
		v.name, v.udp = "kube-system/kube-dns:"+proto.port, proto.udp
	}
	if s.err == nil {
		s.fail(s.nameserve.order(s.ctx, order{Do: "dns", Names: &s.names}))
	}
}

// write has kube-proxy write its rules on all nodes.
func (s *stage) write() {
	for _, n := range s.nodes {
		if s.err == nil {
			s.fail(s.proxy(s.ctx, n))
		}
	}
}

// record waits until the cluster is well, then has tcpdump listen on both nodes.
func (s *stage) record() {
	s.write()
	if s.err != nil {
		return
	}
	s.fail(s.ready(s.ctx))
	for _, n := range s.nodes {
		if s.err != nil {
			return
		}
		r, err := record(s.ctx, n, filepath.Join(s.dir, n.host.name+".pcap"))
		if err != nil {
			s.fail(err)
			return
		}
		s.recorders = append(s.recorders, r)
	}
	s.wait(100 * time.Millisecond)
}

func (s *stage) wait(d time.Duration) {
	if s.err == nil {
		s.fail(pause(s.ctx, d))
	}
}

// iptables appends rules to a node's, as a policy controller or an administrator would: each is its arguments.
func (s *stage) iptables(node int, rules ...string) {
	for _, r := range rules {
		if s.err == nil {
			_, err := s.nodes[node-1].exec(s.ctx, "", "iptables", append([]string{"-w", "5"}, strings.Fields(r)...)...)
			s.fail(err)
		}
	}
}

// expect requires a rule to speak. The node's capture is enough for that.
func (s *stage) expect(layer string, node int, e expectation) {
	s.Layer, e.Capture = layer, s.nodes[node-1].host.name+".pcap"
	s.Expect = append(s.Expect, e)
}

// allow and forbid name rules that may and must not speak; healthy forbids everything that is not expected.
func (s *stage) allow(rules ...string)  { s.Allow = append(s.Allow, rules...) }
func (s *stage) forbid(rules ...string) { s.Forbid = append(s.Forbid, rules...) }
func (s *stage) healthy()               { s.forbid("*") }

// finish stops the recorders and writes down the truth.
func (s *stage) finish() {
	// tcpdump writes the packets of the last second only when the kernel's buffer is handed over.
	s.wait(1300 * time.Millisecond)
	if s.err != nil {
		return
	}
	s.count()
	s.Interfaces = map[string]map[string]string{}
	for i, n := range s.nodes {
		packets, err := s.recorders[i].stop()
		s.fail(err)
		s.Interfaces[n.host.name], err = interfaces(s.ctx, n.netns)
		s.fail(err)
		file := n.host.name + ".pcap"
		s.Captures = append(s.Captures, captureTruth{
			file, n.host.name, "LINUX_SLL2", packets,
			strings.Replace(s.recorders[i].command, filepath.Join(s.dir, file), file, 1),
		})
	}
	s.recorders = nil
	s.Lookups = s.lookups
	s.How = fmt.Sprintf("netsift's corpus/lab; kernel %s; encap vxlan8472; pod_mtu %d; tunnel_mtu %d", kernel(), s.podMTU, s.tunnelMTU)
	s.Addresses["services"] = s.describeServices()
	if s.err == nil {
		s.fail(s.truth.write(s.dir))
	}
}

func (s *stage) describeServices() (all []any) {
	for _, v := range s.services {
		var port any
		if v.nodePort != 0 {
			port = v.nodePort
		}
		name, _, _ := strings.Cut(v.name, ":")
		all = append(all, map[string]any{
			"name": name, "vip": v.vip, "proto": v.proto(), "node_port": port, "endpoints": slices.Concat([]netip.AddrPort{}, v.endpoints),
		})
	}
	return all
}

// kernel is the running kernel's version.
func kernel() string {
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS
	}
	return strings.TrimSpace(string(text))
}
