package main

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"net/netip"
	"strings"
)

// service is a Service as kube-proxy sees it: one port of it.
type service struct {
	// name is NAMESPACE/NAME:PORT.
	name     string
	vip      netip.AddrPort
	udp      bool
	nodePort uint16
	// local is externalTrafficPolicy Local.
	local     bool
	endpoints []netip.AddrPort
	// forgotten is a Service for which kube-proxy has written nothing.
	forgotten bool
}

func (s *service) proto() string {
	if s.udp {
		return "udp"
	}
	return "tcp"
}

// chain names a chain as kube-proxy does, so that anybody can look a capture's Service up in iptables-save.
func chain(prefix string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "")))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:16]
}

// ruleset is the text of iptables-restore for one table. Chains are declared when they are first appended to or jumped to.
type ruleset struct {
	table    string
	declared []string
	seen     map[string]bool
	rules    []string
}

func (r *ruleset) declare(chains ...string) {
	for _, c := range chains {
		if r.seen == nil {
			r.seen = map[string]bool{}
		}
		if !r.seen[c] {
			r.seen[c] = true
			r.declared = append(r.declared, ":"+c+" - [0:0]")
		}
	}
}

func (r *ruleset) add(chain, format string, args ...any) {
	switch chain {
	case "INPUT", "FORWARD", "OUTPUT", "PREROUTING", "POSTROUTING":
	default:
		r.declare(chain)
	}
	r.rules = append(r.rules, "-A "+chain+" "+fmt.Sprintf(format, args...))
}

func (r *ruleset) String() string {
	return "*" + r.table + "\n" + strings.Join(append(r.declared, r.rules...), "\n") + "\nCOMMIT\n"
}

// proxy writes a node's rules: kube-proxy's in iptables mode, and flannel's.
func (c *cluster) proxy(ctx context.Context, n *node) error {
	_, err := n.exec(ctx, c.rules(n), "iptables-restore", "-w", "5")
	return err
}

// rules is the text of them.
func (c *cluster) rules(n *node) string {
	filter, nat := &ruleset{table: "filter"}, &ruleset{table: "nat"}
	filter.declare("KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-FORWARD", "FLANNEL-FWD")
	nat.declare("KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ", "FLANNEL-POSTRTG")
	hooks(filter, nat)
	for _, s := range c.services {
		if !s.forgotten {
			s.rules(filter, nat, n)
		}
	}
	nat.add("KUBE-SERVICES", `-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`)
	flannel(filter, nat, n)
	return filter.String() + nat.String()
}

// hooks are the jumps from the built-in chains, and the chains that do not depend on Services.
func hooks(filter, nat *ruleset) {
	const newOnly = "-m conntrack --ctstate NEW "
	filter.add("INPUT", newOnly+`-m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES`)
	filter.add("FORWARD", `-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD`)
	filter.add("FORWARD", newOnly+`-m comment --comment "kubernetes service portals" -j KUBE-SERVICES`)
	filter.add("FORWARD", newOnly+`-m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES`)
	filter.add("FORWARD", `-m comment --comment "flanneld forward" -j FLANNEL-FWD`)
	filter.add("OUTPUT", newOnly+`-m comment --comment "kubernetes service portals" -j KUBE-SERVICES`)
	filter.add("KUBE-FORWARD", "-m conntrack --ctstate INVALID -j DROP")
	filter.add("KUBE-FORWARD", `-m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT`)
	filter.add("KUBE-FORWARD", `-m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`)

	nat.add("PREROUTING", `-m comment --comment "kubernetes service portals" -j KUBE-SERVICES`)
	nat.add("OUTPUT", `-m comment --comment "kubernetes service portals" -j KUBE-SERVICES`)
	nat.add("POSTROUTING", `-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING`)
	nat.add("POSTROUTING", `-m comment --comment "flanneld masq" -j FLANNEL-POSTRTG`)
	nat.add("KUBE-MARK-MASQ", "-j MARK --set-xmark 0x4000/0x4000")
	nat.add("KUBE-POSTROUTING", "-m mark ! --mark 0x4000/0x4000 -j RETURN")
	nat.add("KUBE-POSTROUTING", "-j MARK --set-xmark 0x4000/0x0") // the mark is spent, or a second look would masquerade again
	nat.add("KUBE-POSTROUTING", `-m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully`)
}

// rules adds those of one Service.
func (s *service) rules(filter, nat *ruleset, n *node) {
	proto := s.proto()
	if len(s.endpoints) == 0 {
		filter.add("KUBE-SERVICES", `-d %s/32 -p %s -m comment --comment "%s has no endpoints" -m %s --dport %d -j REJECT --reject-with icmp-port-unreachable`,
			s.vip.Addr(), proto, s.name, proto, s.vip.Port())
		if s.nodePort != 0 {
			filter.add("KUBE-EXTERNAL-SERVICES", `-p %s -m comment --comment "%s has no endpoints" -m addrtype --dst-type LOCAL -m %s --dport %d -j REJECT --reject-with icmp-port-unreachable`,
				proto, s.name, proto, s.nodePort)
		}
		return
	}
	svc := chain("KUBE-SVC-", s.name, proto)
	nat.add("KUBE-SERVICES", `-d %s/32 -p %s -m comment --comment "%s cluster IP" -m %s --dport %d -j %s`, s.vip.Addr(), proto, s.name, proto, s.vip.Port(), svc)
	nat.add(svc, `! -s %s -d %s/32 -p %s -m comment --comment "%s cluster IP" -m %s --dport %d -j KUBE-MARK-MASQ`,
		clusterCIDR, s.vip.Addr(), proto, s.name, proto, s.vip.Port())
	var near []netip.AddrPort
	for _, e := range s.endpoints {
		if e.Addr().As4()[2] == byte(n.number) {
			near = append(near, e)
		}
		sep := chain("KUBE-SEP-", s.name, proto, e.String())
		nat.add(sep, `-s %s/32 -m comment --comment "%s" -j KUBE-MARK-MASQ`, e.Addr(), s.name)
		nat.add(sep, `-p %s -m comment --comment "%s" -m %s -j DNAT --to-destination %s`, proto, s.name, proto, e)
	}
	s.spread(nat, svc, s.endpoints)
	if s.nodePort == 0 {
		return
	}
	ext := chain("KUBE-EXT-", s.name, proto)
	nat.add("KUBE-NODEPORTS", `-p %s -m comment --comment "%s" -m %s --dport %d -j %s`, proto, s.name, proto, s.nodePort, ext)
	if !s.local {
		nat.add(ext, `-m comment --comment "masquerade traffic for %s external destinations" -j KUBE-MARK-MASQ`, s.name)
		nat.add(ext, "-j %s", svc)
		return
	}
	nat.add(ext, `-s %s -m comment --comment "pod traffic for %s external destinations" -j %s`, clusterCIDR, s.name, svc)
	nat.add(ext, `-m comment --comment "masquerade LOCAL traffic for %s external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`, s.name)
	nat.add(ext, `-m comment --comment "route LOCAL traffic for %s external destinations" -m addrtype --src-type LOCAL -j %s`, s.name, svc)
	if len(near) == 0 {
		filter.add("KUBE-EXTERNAL-SERVICES", `-p %s -m comment --comment "%s has no local endpoints" -m addrtype --dst-type LOCAL -m %s --dport %d -j DROP`,
			proto, s.name, proto, s.nodePort)
		return
	}
	svl := chain("KUBE-SVL-", s.name, proto)
	nat.add(ext, "-j %s", svl)
	s.spread(nat, svl, near)
}

// spread picks one of several endpoints: each rule takes its share of the rest.
func (s *service) spread(nat *ruleset, from string, endpoints []netip.AddrPort) {
	for i, e := range endpoints {
		share := ""
		if left := len(endpoints) - i; left > 1 {
			share = fmt.Sprintf("-m statistic --mode random --probability %.10f ", 1/float64(left))
		}
		nat.add(from, `-m comment --comment "%s -> %s" %s-j %s`, s.name, e, share, chain("KUBE-SEP-", s.name, s.proto(), e.String()))
	}
}

// flannel are the rules of flannel: forward pods' packets, and masquerade those that leave their network.
func flannel(filter, nat *ruleset, n *node) {
	const forward, masq = `-m comment --comment "flanneld forward" -j `, `-m comment --comment "flanneld masq" -j `
	filter.add("FLANNEL-FWD", "-s %s "+forward+"ACCEPT", clusterCIDR)
	filter.add("FLANNEL-FWD", "-d %s "+forward+"ACCEPT", clusterCIDR)
	own := fmt.Sprintf("10.244.%d.0/24", n.number)
	nat.add("FLANNEL-POSTRTG", "-m mark --mark 0x4000/0x4000 "+masq+"RETURN")
	nat.add("FLANNEL-POSTRTG", "-s %s -d %s "+masq+"RETURN", own, clusterCIDR)
	nat.add("FLANNEL-POSTRTG", "-s %s -d %s "+masq+"RETURN", clusterCIDR, own)
	nat.add("FLANNEL-POSTRTG", "! -s %s -d %s "+masq+"RETURN", clusterCIDR, own)
	nat.add("FLANNEL-POSTRTG", "-s %s ! -d 224.0.0.0/4 "+masq+"MASQUERADE --random-fully", clusterCIDR)
	nat.add("FLANNEL-POSTRTG", "! -s %s -d %s "+masq+"MASQUERADE --random-fully", clusterCIDR, clusterCIDR)
}
