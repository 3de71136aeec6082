package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// needs are the programs that the lab cannot do without, and Debian's packages that bring them. One that only some scenarios
// need names them.
var needs = []struct {
	program, pkg string
	scenarios    []string
}{
	{"ip", "iproute2", nil},
	{"bridge", "iproute2", nil},
	{"iptables-restore", "iptables", nil},
	{"tcpdump", "tcpdump", nil},
	{"sysctl", "procps", nil},
	{"timeout", "coreutils", nil},
	{"getent", "libc-bin", nil},
	{"musl-gcc", "musl-tools", []string{"dns-musl"}},
	{"tc", "iproute2", []string{"backlog-unheard", "backlog-abort", "keepalive-race"}},
	{"conntrack", "conntrack", []string{"idle-flushed"}},
	{"nft", "nftables", []string{
		"vxlan-checksum", "fragments-lost", "fragments-lost-tunnel", "dns-fragmented", "neighbour-gateway", "neighbour-pod",
	}},
	{"ethtool", "ethtool", []string{"vxlan-checksum"}},
}

// installTime bounds the installation: packages that don't come are packages that can't be had.
const installTime = 2 * time.Minute

// install gets missing programs from Debian's packages, if it may.
func install(ctx context.Context, wanted []*scenario, may bool) error {
	var packages []string
	for _, n := range needs {
		_, err := exec.LookPath(n.program)
		needed := n.scenarios == nil || slices.ContainsFunc(wanted, func(s *scenario) bool { return slices.Contains(n.scenarios, s.name) })
		if err != nil && needed && !slices.Contains(packages, n.pkg) {
			packages = append(packages, n.pkg)
		}
	}
	if packages == nil {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || !may {
		return fmt.Errorf("it needs Debian's %s, or the like", strings.Join(packages, ", "))
	}
	ctx, cancel := context.WithTimeout(ctx, installTime)
	defer cancel()
	fmt.Println("installing", strings.Join(packages, ", "))
	for _, args := range [][]string{{"update", "-qq"}, append([]string{"install", "-qq", "-y", "--no-install-recommends"}, packages...)} {
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(cmd.Environ(), "DEBIAN_FRONTEND=noninteractive")
		dieWithLab(cmd)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}

// permitted tries the scenarios' needs in a namespace of its own. It fails if this kernel or sandbox refuses one.
func permitted(ctx context.Context) error {
	n, err := makeNetns(ctx, namespaceName("trial", "node"))
	if err != nil {
		return fmt.Errorf("no network namespaces: %w", err)
	}
	defer n.remove()
	for _, step := range []struct {
		what string
		try  func() error
	}{
		{"veth", func() error { return n.ip(ctx, "link add eth0 type veth peer name port0") }},
		{"bridge", func() error { return n.ip(ctx, "link add cni0 type bridge") }},
		{"VXLAN", func() error { return n.ip(ctx, "link add flannel.1 type vxlan id 1 dstport 8472 nolearning dev eth0") }},
		{"bridge netfilter", func() error { return n.sysctl(ctx, "net.bridge.bridge-nf-call-iptables=1") }},
		{"forwarding", func() error { return n.sysctl(ctx, "net.ipv4.ip_forward=1") }},
		{"iptables", func() error {
			_, err := n.exec(ctx, trialRules, "iptables-restore", "--test")
			return err
		}},
		{"tcpdump -i any", func() error {
			_, err := n.exec(ctx, "", "timeout", "--preserve-status", "-s", "INT", "0.3", "tcpdump", "-Z", "root", "-i", "any", "-w", "/dev/null")
			return err
		}},
	} {
		if err := step.try(); err != nil {
			return fmt.Errorf("%s is not to be had here: %w", step.what, err)
		}
	}
	return nil
}

// trialRules use every match and target that the scenarios do.
const trialRules = `*filter
-A FORWARD -m conntrack --ctstate INVALID -j DROP
-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
-A FORWARD -p tcp -m comment --comment trial -m addrtype --dst-type LOCAL -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable
COMMIT
*nat
-A POSTROUTING -m statistic --mode random --probability 0.5 -j MARK --set-xmark 0x4000/0x4000
-A POSTROUTING -j MASQUERADE --random-fully
-A PREROUTING -p tcp -j DNAT --to-destination 10.244.1.2:80
COMMIT
`
