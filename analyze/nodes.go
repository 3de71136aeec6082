package analyze

import "strings"

// place says of which node a capture is, and of which series: the parts of a rotating capture (tcpdump -C, -G, -W) are read as
// one, so that a connection goes on where the file changes.
type place struct {
	node string
	// series is the index of the first capture of the series.
	series int
}

// places tells the nodes of the captures. The user may say them; else captures with the same link-layer ends are of one node,
// and, where they have no packet in common, parts of one series. Captures without directions (plain Ethernet) are told by
// their names alone.
func (e *engine) places(names []string, sketches []sketch) []place {
	list := make([]place, len(e.inputs))
	for n, i := range e.order {
		list[i] = place{node: e.inputs[i].Node, series: i}
		if list[i].node == "" {
			list[i].node = names[i]
		}
		for _, k := range e.order[:n] {
			said := e.inputs[i].Node
			if said != "" && said != list[k].node || said == "" && e.inputs[k].Node != "" {
				continue
			}
			same := rotated(e.inputs[k].Name, e.inputs[i].Name)
			if len(sketches) > 0 && len(sketches[i].ends)+len(sketches[k].ends) > 0 {
				same = sameNode(&sketches[k], &sketches[i])
			}
			if !same {
				continue
			}
			list[i].node = list[k].node
			if len(sketches) == 0 || !parallel(&sketches[k], &sketches[i]) {
				list[i].series = list[k].series
			}
			break
		}
	}
	return list
}

// parallel reports whether two captures of one node ran at the same time: they share packets, and more than those that were
// on their way when a rotating capture changed its file.
func parallel(a, b *sketch) bool {
	shared := 0
	for k, x := range a.stays {
		if y, ok := b.stays[k]; ok && abs(y.first-x.first) <= longestStay { // one node has one clock
			shared++
		}
	}
	return shared >= clockVotes && 20*shared > min(len(a.stays), len(b.stays))
}

// rotated reports whether the second name is the first one's with tcpdump -C's number behind it: x.pcap, x.pcap1.
func rotated(first, second string) bool {
	rest, ok := strings.CutPrefix(second, first)
	return ok && rest != "" && strings.Trim(rest, "0123456789") == ""
}
