package snapshot

import "regexp"

// dumps tells what ip, iptables-save, nft, conntrack, sysctl and the like print on a node. Such files lie in a snapshot, and are not read yet.
var dumps = regexp.MustCompile(`(?m)\A(` +
	`\d+: \S+: <|` + // ip addr, ip link
	`(\S+ )?(default|[0-9a-f.:/]+) (via|dev|scope|proto) |` + // ip route, ip neigh
	`([0-9a-f]{2}:){5}[0-9a-f]{2} dev |` + // bridge fdb
	`# (Generated|Warning|Completed).*|` + // iptables-save
	`table \w+ \S+ \{|` + // nft list ruleset
	`(ipv[46] +\d+ +)?(tcp|udp|icmp|icmpv6|sctp|unknown) +\d+ |` + // conntrack -L
	`IP Virtual Server|` + // ipvsadm -Ln
	`[a-z0-9_.]+(\.[^ =]+)+ = |` + // sysctl -a
	`#?(kernel|[A-Z][A-Za-z0-9]+) +\d+ +\d|#kernel|` + // nstat -az
	`(State|ESTAB|LISTEN) +` + // ss -tlni
	`)`)

// isDump reports whether a text is a dump of a node.
func isDump(head []byte) bool { return dumps.Match(head) }
