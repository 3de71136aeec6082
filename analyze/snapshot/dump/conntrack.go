package dump

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
)

// Entry is one of conntrack that translates, or that nobody has answered yet. Others, and those that wait for their end, say nothing that a cause is
// told from.
type Entry struct {
	// Protocol is tcp, udp or sctp. State is that of its connection, "" for UDP.
	Protocol, State string
	// Client called Called, and whatever comes from Answers is taken as the answer: Called itself where nothing is translated.
	Client, Called, Answers netip.AddrPort
}

// protocols are those that Services have.
var protocols = set("tcp udp sctp")

// entryStates are those of TCP's and SCTP's entries (net/netfilter/nf_conntrack_proto_tcp.c and nf_conntrack_proto_sctp.c).
var entryStates = set("NONE SYN_SENT SYN_SENT2 SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE CLOSED COOKIE_WAIT COOKIE_ECHOED " +
	"SHUTDOWN_SENT SHUTDOWN_RECD SHUTDOWN_ACK_SENT HEARTBEAT_SENT")

// set returns words by themselves, so that what is kept of a line is none of it.
func set(words string) map[string]string {
	m := map[string]string{}
	for _, w := range strings.Fields(words) {
		m[w] = w
	}
	return m
}

// Limits are how many entries conntrack has, and may have at most; 0 where it is not said.
type Limits struct {
	Count, Max uint64
	// Unseen says that iptables does not see what a bridge forwards (net.bridge.bridge-nf-call-iptables is 0).
	Unseen bool
}

// mostEntries bounds the entries that are kept of one dump.
const mostEntries = 1 << 17

// entry reads a line of conntrack -L, also with -o extended:
// "tcp 6 86399 ESTABLISHED src=10.244.1.5 dst=10.96.0.50 sport=40000 dport=80 src=10.244.2.8 dst=10.244.1.5 sport=8080 dport=40000 [ASSURED] mark=0 use=1".
func (p *parser) entry(line string) {
	words := strings.Fields(line)
	if len(words) > 2 && strings.HasPrefix(words[0], "ipv") {
		words = words[2:]
	}
	if len(words) < 4 {
		return
	}
	if _, err := strconv.ParseUint(words[1], 10, 8); err != nil {
		return // what it says in the end
	}
	p.dump.Limits.Count++
	e := Entry{Protocol: protocols[words[0]]}
	if e.Protocol == "" {
		return
	}
	tuples := [2]struct{ src, dst, sport, dport string }{}
	which := -1
	for _, w := range words[2:] {
		key, value, ok := strings.Cut(w, "=")
		if !ok {
			if which < 0 {
				e.State = cmp.Or(entryStates[w], e.State)
			}
			continue
		}
		if key == "src" {
			which++
		}
		if which < 0 || which > 1 {
			continue
		}
		t := &tuples[which]
		switch key {
		case "src":
			t.src = value
		case "dst":
			t.dst = value
		case "sport":
			t.sport = value
		case "dport":
			t.dport = value
		}
	}
	e.Client, e.Called, e.Answers = end(tuples[0].src, tuples[0].sport), end(tuples[0].dst, tuples[0].dport), end(tuples[1].src, tuples[1].sport)
	if !e.Client.IsValid() || !e.Called.IsValid() || !e.Answers.IsValid() || e.Called == e.Answers && e.State != "SYN_SENT" || e.State == "TIME_WAIT" {
		return
	}
	if len(p.dump.Entries) == mostEntries || *p.room == 0 {
		return // it counts, and nothing is told from an entry that is not there
	}
	p.take(1)
	p.dump.Entries = append(p.dump.Entries, e)
}

// end returns an address and port, zero where one is none.
func end(addr, port string) netip.AddrPort {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return netip.AddrPort{}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(n))
}

// setting reads a line of sysctl: "net.netfilter.nf_conntrack_max = 262144".
func (p *parser) setting(line string) {
	key, value, ok := strings.Cut(line, " = ")
	if !ok {
		return
	}
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 63)
	if err != nil {
		return
	}
	l := &p.dump.Limits
	switch key {
	case "net.netfilter.nf_conntrack_count":
		l.Count = n
	case "net.netfilter.nf_conntrack_max", "net.nf_conntrack_max":
		l.Max = n
	case "net.bridge.bridge-nf-call-iptables":
		l.Unseen = n == 0
	}
}
