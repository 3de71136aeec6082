package report

import (
	"slices"
	"strings"
)

// Step takes a next step apart: into a command to be copied and the reason for it, which stands behind " # ". Either may be
// missing; a sentence is a reason without a command.
func Step(s string) (command, why string) {
	if !IsCommand(s) {
		return "", s
	}
	if i := strings.LastIndex(s, " # "); i >= 0 {
		s, why = s[:i], s[i+len(" # "):]
	}
	return strings.TrimSpace(s), why
}

// programs are those that next steps call.
var programs = []string{
	"arping", "bpftool", "bridge", "calicoctl", "capinfos", "cat", "chronyc", "cilium", "conntrack", "crictl", "ctr", "curl", "cut", "dig", "dmesg", "ebtables", "echo", "ethtool", "getent",
	"grep", "head", "hubble", "ip", "ip6tables", "ip6tables-save", "ipset", "iptables", "iptables-save", "ipvsadm", "journalctl", "kubectl", "mtr", "nc",
	"netsift", "netstat", "nft", "nsenter", "nslookup", "nstat", "ping", "ping6", "ps", "resolvectl", "sort", "ss", "ssh", "sudo", "sysctl",
	"systemctl", "tc", "tcpdump", "timedatectl", "timeout", "traceroute", "tracepath", "tshark", "uname", "uniq", "wg", "watch",
}

// IsCommand tells a command from a sentence: it has its reason behind " # ", or it begins with a program's name and does
// not end as a sentence does.
func IsCommand(s string) bool {
	if strings.Contains(s, " # ") {
		return true
	}
	first, _, _ := strings.Cut(s, " ")
	return slices.Contains(programs, first) && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, ":")
}
