package score

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/rules"
)

// Mode is a way of looking at a case.
type Mode string

// The modes. Only the first two compare everything; the others look for false alarms, and expect nothing to be found.
const (
	// Together: all nodes' captures.
	Together Mode = "together"
	// Shifted: the same with the second node's clock 37.4 s ahead.
	Shifted Mode = "shifted"
	// Alone: each node's capture by itself.
	Alone Mode = "alone"
	// Filtered: each node's capture as a filter on the client's address and ports 80 and 53 would have left it.
	Filtered Mode = "filtered"
)

// Modes lists all modes.
var Modes = []Mode{Together, Shifted, Alone, Filtered}

// Run plays a case and compares netsift's answer.
func Run(ctx context.Context, c cases.Case, mode Mode) (Result, error) {
	s := c.Play()
	switch mode {
	case Shifted:
		s.Shift(clockOffset)
		// Now they are apart, and a report says so.
		s.Truth.Forbid = slices.DeleteFunc(s.Truth.Forbid, func(rule string) bool { return rule == "cap-clock-offset" })
		fallthrough
	case Together:
		a, err := Ask(ctx, s.Files(), How{Jobs: 1, NodePorts: s.NodePorts, Known: s.Known})
		if err != nil {
			return Result{}, err
		}
		r := Compare(&s.Truth, a)
		r.names(s, a)
		return r, nil
	}
	files := s.Files()
	if mode == Filtered {
		files = s.FilesAs(func(name string) build.Form {
			f := s.Forms[name]
			client := s.Client.Addr()
			f.Filter = func(data []byte) bool { return passes(data, client, 80, 53) }
			return f
		})
	}
	var all Result
	for _, f := range files {
		a, err := Ask(ctx, []cases.File{f}, How{Jobs: 1, NodePorts: s.NodePorts})
		if err != nil {
			return Result{}, err
		}
		all.add(f.Name, CompareAlarms(&s.Truth, a))
	}
	return all, nil
}

// How is how netsift is to analyze captures.
type How struct {
	// Jobs is the number of workers, NodePorts the range of NodePorts, where it is not Kubernetes' default.
	Jobs      int
	NodePorts fact.PortRange
	// Known is a snapshot of the cluster, nil without one.
	Known *build.Objects
}

// Ask lets netsift analyze captures.
func Ask(ctx context.Context, files []cases.File, how How) (*Answer, error) {
	a := new(Answer)
	var err error
	a.Facts, err = analyze.Run(ctx, Inputs(files), analyze.Config{
		Jobs: how.Jobs, NodePorts: how.NodePorts,
		Connection: func(c *fact.Connection) { a.Connections = append(a.Connections, *c) },
		Named:      a.named,
		Lookup:     func(l *fact.Lookup) { a.Lookups = append(a.Lookups, *l) },
	})
	if err != nil {
		return nil, err
	}
	if how.Known != nil {
		names := snapshot.NewNames(snapshot.Read([]snapshot.File{{Name: "cluster.json", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(how.Known.JSON())), nil
		}}}))
		names.Fit(a.Facts)
		names.Compare(a.Facts)
		names.Facts(a.Facts)
		for i := range a.Connections {
			names.Connection(&a.Connections[i])
		}
		a.Remarks = names.Summary().Warnings
	}
	a.Findings, a.Verdict = rules.Judge(a.Facts)
	return a, nil
}

// named gives the connections of an answer the names that are known at the end.
func (a *Answer) named(name func(*fact.Connection)) {
	for i := range a.Connections {
		name(&a.Connections[i])
	}
}

// Inputs are a case's captures as analyze.Run takes them.
func Inputs(files []cases.File) []analyze.Input {
	var list []analyze.Input
	for _, f := range files {
		list = append(list, analyze.Input{Name: f.Name, Node: f.Node, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(f.Data)), nil
		}})
	}
	return list
}

// passes is the capture filter "host ADDR and (port A or port B)": it looks at the outermost headers and takes no ICMP.
func passes(data []byte, host netip.Addr, ports ...uint16) bool {
	var src, dst netip.Addr
	var proto uint8
	var rest []byte
	if len(data) < 28 {
		return false
	}
	switch data[0] >> 4 {
	case 4:
		src, _ = netip.AddrFromSlice(data[12:16])
		dst, _ = netip.AddrFromSlice(data[16:20])
		if binary.BigEndian.Uint16(data[6:])&0x1fff != 0 {
			return false
		}
		proto, rest = data[9], data[min(int(data[0]&15)*4, len(data)):]
	case 6:
		if len(data) < 44 {
			return false
		}
		src, _ = netip.AddrFromSlice(data[8:24])
		dst, _ = netip.AddrFromSlice(data[24:40])
		proto, rest = data[6], data[40:]
	default:
		return false // ARP
	}
	if src != host && dst != host || proto != 6 && proto != 17 || len(rest) < 4 {
		return false
	}
	for _, p := range ports {
		if binary.BigEndian.Uint16(rest) == p || binary.BigEndian.Uint16(rest[2:]) == p {
			return true
		}
	}
	return false
}
