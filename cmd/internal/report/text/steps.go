package text

import (
	"slices"
	"strings"

	"github.com/netsift/netsift/cmd/internal/report"
)

// steps writes what to do next. Commands stand on lines of their own and are never wrapped: they are there to be copied.
func (p *page) steps(list []string) {
	if len(list) == 0 {
		return
	}
	p.line()
	p.line("  ", p.bold.Render("Next steps"))
	for _, s := range list {
		p.step("    ", s)
	}
}

// step writes one step: a sentence, a command, or a command with its reason behind " # ".
func (p *page) step(indent, s string) {
	if !isCommand(s) {
		p.para(indent+"- ", indent+"  ", s)
		return
	}
	command, why, ok := cutLast(s, " # ")
	if ok {
		p.para(indent+"- ", indent+"  ", why)
	}
	p.line(indent, "  ", p.command.Render(report.Clean(strings.TrimSpace(command))))
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// programs are those that next steps call.
var programs = []string{
	"arping", "bpftool", "bridge", "calicoctl", "cat", "cilium", "conntrack", "crictl", "ctr", "curl", "dig", "echo", "ethtool", "getent",
	"grep", "hubble", "ip", "ip6tables", "ip6tables-save", "ipset", "iptables", "iptables-save", "ipvsadm", "journalctl", "kubectl", "mtr", "nc",
	"netsift", "netstat", "nft", "nsenter", "nslookup", "nstat", "ping", "ping6", "ps", "resolvectl", "ss", "ssh", "sudo", "sysctl",
	"systemctl", "tc", "tcpdump", "timeout", "traceroute", "tracepath", "tshark", "wg", "watch",
}

// isCommand tells a command from a sentence: it has its reason behind " # ", or it begins with a program's name and does
// not end as a sentence does.
func isCommand(s string) bool {
	if strings.Contains(s, " # ") {
		return true
	}
	first, _, _ := strings.Cut(s, " ")
	return slices.Contains(programs, first) && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, ":")
}
