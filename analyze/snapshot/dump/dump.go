package dump

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strings"
	"sync"

	"github.com/netsift/netsift/analyze/cluster"
)

// Kind is what a dump is about.
type Kind uint8

// The kinds. Foreign is no dump, Unused is one that nothing is told from.
const (
	Foreign     Kind = iota
	Unused           // nstat, ss
	Links            // ip addr, ip -d link
	Routes           // ip route
	Neighbours       // ip neigh
	Forwarding       // bridge fdb
	IPTables         // iptables-save
	NFTables         // nft list ruleset
	IPVS             // ipvsadm -Ln
	Connections      // conntrack -L
	Settings         // sysctl -a
)

// Command returns what prints such a dump.
func (k Kind) Command() string {
	return [...]string{
		"", "", "ip link", "ip route", "ip neigh", "bridge fdb", "iptables-save", "nft list ruleset", "ipvsadm -Ln", "conntrack -L", "sysctl",
	}[k]
}

// Named reports whether a word is, or begins with, what prints such a dump, so that it is no node's name: ip-addr, iptables-save, ip6tables.
func (k Kind) Named(word string) bool {
	name := strings.FieldsFunc(strings.Replace(word, "6", "", 1), func(r rune) bool { return r == '-' || r == '_' || r == ' ' })
	command := strings.FieldsFunc(k.Command(), func(r rune) bool { return r == '-' || r == ' ' })
	return len(name) > 0 && len(command) > 0 && name[0] == command[0]
}

// Rules reports whether a dump says what becomes of the addresses of Services.
func (k Kind) Rules() bool { return k == IPTables || k == NFTables || k == IPVS }

// beginning is how a dump begins.
type beginning struct {
	kind Kind
	text *regexp.Regexp
}

// beginnings are compiled when the first file asks, which without a snapshot none does.
var beginnings = sync.OnceValue(func() []beginning {
	return []beginning{
		{Links, regexp.MustCompile(`\A(\d+: \S+: <|\[\s*\{\s*"ifindex":)`)},
		{Forwarding, regexp.MustCompile(`\A([0-9a-f]{2}:){5}[0-9a-f]{2} dev `)},
		{Neighbours, regexp.MustCompile(`\A[0-9a-f.:]+ dev \S+ +.*\b(lladdr [0-9a-f:]+|` + states + `)( |\r?\n|\z)`)},
		{Routes, regexp.MustCompile(`\A(` + types + ` )?(default|[0-9a-f.:/]+) (via|dev|scope|proto|nhid|encap|metric|table|src|onlink)\b`)},
		{Routes, regexp.MustCompile(`\A` + types + ` (default|[0-9a-f.:/]+) *\r?\n`)},
		{IPTables, regexp.MustCompile(`\A(# (Generated|Warning|Completed).*|\*(raw|mangle|nat|filter|security))\r?\n`)},
		{NFTables, regexp.MustCompile(`\Atable \w+ \S+ \{`)},
		{Connections, regexp.MustCompile(`\A(ipv[46] +\d+ +)?(tcp|udp|udplite|icmp|icmpv6|ipv6-icmp|sctp|dccp|gre|unknown) +\d+ `)},
		{IPVS, regexp.MustCompile(`\AIP Virtual Server`)},
		{Settings, regexp.MustCompile(`\A[a-z0-9_.]+(\.[^ =]+)+ = `)},
		{Unused, regexp.MustCompile(`\A(#?(kernel|[A-Z][A-Za-z0-9]+) +\d+ +\d|#kernel|(State|ESTAB|LISTEN) +)`)},
	}
})

// KindOf tells what a text is by how it begins.
func KindOf(head []byte) Kind {
	for _, b := range beginnings() {
		if b.text.Match(head) {
			return b.kind
		}
	}
	return Foreign
}

// Dump is what one command printed on one node. Which fields are set, its kind says.
type Dump struct {
	Kind Kind
	// File is the name of the file that it was read from, Node that of the node, "" where it is not known.
	File, Node string
	// Taken is when it was taken, in Unix nanoseconds, where it says so itself, by the node's clock as UTC; else 0.
	Taken int64
	// Local are addresses of the node that it names.
	Local      []netip.Addr
	Links      []cluster.Link
	Routes     []Route
	Neighbours []Neighbour
	Forwards   []Forward
	Services   []Service
	// IPv4 and IPv6 say of which addresses it has kube-proxy's rules: of none where it is there for its time.
	IPv4, IPv6 bool
	// Masquerades says that a rule masquerades what is marked for that.
	Masquerades bool
	Entries     []Entry
	// Limits are those of Settings, and of Connections the number of entries.
	Limits Limits
}

const (
	// maxLine bounds a line in bytes: a rule of nftables has all endpoints of a Service in one. maxLocal bounds Dump.Local.
	maxLine, maxLocal = 1 << 20, 256
	// Most bounds what is kept of all dumps of a snapshot together, in entries: the rules of a cluster of 10,000 Services with ten endpoints each
	// are 110,000 on each node.
	Most = 1 << 20
)

// ErrFull says that a dump has more entries than are read.
var ErrFull = fmt.Errorf("left out: there are more than %d entries in all dumps", Most)

// errCut says that a dump has no end.
var errCut = errors.New("left out: it ends early")

// Read reads a dump of a kind. It takes from room what it keeps, and fails with ErrFull where that is too little. Of a dump that nothing is told
// from, or that does not have what it is read for, it returns nil.
func Read(in io.Reader, kind Kind, room *int) (*Dump, error) {
	d := &Dump{Kind: kind}
	p := &parser{dump: d, room: room, lines: bufio.NewScanner(in)}
	p.lines.Buffer(nil, maxLine)
	var err error
	before := *room
	switch kind {
	case Links:
		err = p.links(in)
	case Routes:
		err = p.each(p.route)
	case Neighbours:
		err = p.each(p.neighbour)
	case Forwarding:
		err = p.each(p.forward)
	case IPTables:
		err = p.iptables()
	case NFTables:
		err = p.nftables()
	case IPVS:
		d.IPv4, d.IPv6 = true, true
		err = p.each((&virtual{parser: p}).line)
		p.foreign = len(d.Services) == 0 // it is there, and nobody uses it
	case Connections:
		err = p.each(p.entry)
	case Settings:
		err = p.each(p.setting)
	default:
		return nil, nil
	}
	if err != nil || p.foreign {
		*room = before
	}
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("left out: it has a line of more than %d bytes", maxLine)
	case err != nil:
		return nil, err
	case p.foreign:
		return nil, nil
	}
	return d, nil
}

// parser reads the lines of a dump.
type parser struct {
	dump  *Dump
	lines *bufio.Scanner
	room  *int
	// foreign says that the dump does not have what it is read for.
	foreign bool
	// lacks says that there was no room, odd that the line is not what it should be.
	lacks, odd bool
}

// each reads a dump line by line.
func (p *parser) each(line func(string)) error {
	for n := 1; p.lines.Scan() && !p.lacks; n++ {
		line(strings.TrimRight(p.lines.Text(), "\r"))
		if p.odd {
			return fmt.Errorf("left out: line %d is none of %s", n, p.dump.Kind.Command())
		}
	}
	if p.lacks {
		return ErrFull
	}
	return p.lines.Err()
}

// take reports whether there is room for n more entries.
func (p *parser) take(n int) bool {
	if *p.room < n {
		p.lacks = true
		return false
	}
	*p.room -= n
	return true
}

// local adds an address of the node.
func (p *parser) local(text string) {
	text, _, _ = strings.Cut(text, "/")
	if a, err := netip.ParseAddr(text); err == nil && !a.IsLoopback() && len(p.dump.Local) < maxLocal {
		p.dump.Local = append(p.dump.Local, a.Unmap())
	}
}

// after returns the word behind a word, "" without one.
func after(words []string, word string) string {
	for i := 0; i+1 < len(words); i++ {
		if words[i] == word {
			return words[i+1]
		}
	}
	return ""
}
