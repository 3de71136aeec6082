package text

import (
	"io"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
)

// Stats writes what is in captures.
func Stats(w io.Writer, list []report.Tally, o Options) error {
	captures := make([]fact.Capture, len(list))
	for i := range list {
		captures[i] = list[i].Capture
	}
	p := newPage(o, captures)
	for i := range list {
		if i > 0 {
			p.line()
		}
		p.tally(p.files[i], &list[i])
	}
	return p.to(w)
}

// count is a number with what it counts: "IPv4", or "frame|frames" where one is called otherwise than several.
type count struct {
	n    uint64
	name string
}

func (p *page) tally(name string, t *report.Tally) {
	p.line(p.bold.Render(name))
	if t.Error != "" {
		p.para("  ", "  ", t.Error)
		return
	}
	c := &t.Counts
	p.counts("capture", count{c.Frames, "frame|frames"}, count{c.Bytes, "byte|bytes"}, count{t.CutFrames, "cut short"}, count{uint64(len(t.Damage)), "damaged place|damaged places"},
		count{uint64(max(t.Dropped, 0)), "lost by the kernel"})
	p.row("format", report.Clean(report.Format(&t.Capture)))
	n, tr := &c.Network, &c.Transport
	p.counts("network", count{n.IPv4, "IPv4"}, count{n.IPv6, "IPv6"}, count{n.ARP, "ARP"}, count{n.Other, "other"})
	p.counts("transport", count{tr.TCP, "TCP"}, count{tr.UDP, "UDP"}, count{tr.ICMP, "ICMP"}, count{tr.ICMPv6, "ICMPv6"}, count{tr.SCTP, "SCTP"},
		count{tr.Fragment, "later fragment|later fragments"}, count{tr.Other, "other"})
	var tunnels []count
	for k := range decode.Unwrapped().All() {
		tunnels = append(tunnels, count{c.Tunnels[k], k.Name()})
	}
	p.counts("tunnels", tunnels...)
	p.counts("DNS", count{c.DNS.Queries, "query|queries"}, count{c.DNS.Responses, "response|responses"}, count{c.DNS.NXDomain, "NXDOMAIN"})
	p.counts("flows", count{c.Flows.TCP, "TCP"}, count{c.Flows.UDP, "UDP"})
}

// counts writes those numbers that are not 0.
func (p *page) counts(head string, list ...count) {
	var parts []string
	for _, c := range list {
		if c.n > 0 {
			one, more, differ := strings.Cut(c.name, "|")
			if !differ || c.n == 1 {
				more = one
			}
			parts = append(parts, report.Count(c.n)+" "+more)
		}
	}
	if len(parts) == 0 {
		parts = []string{"none"}
	}
	p.row(head, strings.Join(parts, ", "))
}

func (p *page) row(head, s string) {
	const indent = "             "
	for i, l := range Wrap(s, max(20, p.prose()-len(indent))) {
		if i == 0 {
			p.line("  ", p.dim.Render(pad(head, len(indent)-2, false)), l)
		} else {
			p.line(indent, l)
		}
	}
}
