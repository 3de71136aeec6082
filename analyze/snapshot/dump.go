package snapshot

import (
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/snapshot/dump"
)

// dump reads what a command printed on a node.
func (r *reader) dump(in io.Reader, kind dump.Kind) {
	if kind == dump.Foreign {
		r.warn(errForeign)
		return
	}
	d, err := dump.Read(in, kind, &r.room)
	if err != nil {
		r.warn(err)
	}
	if err == nil && d != nil {
		d.File = r.file
		r.snapshot.Dumps = append(r.snapshot.Dumps, *d)
	}
}

// placeDumps tells of which nodes dumps are: by the addresses in them, or else by what their files' names begin with.
func (s *Snapshot) placeDumps() {
	if len(s.Dumps) == 0 {
		return
	}
	byAddr, names := map[netip.Addr]string{}, map[string]bool{}
	for i := range s.Nodes {
		n := &s.Nodes[i]
		names[n.Name] = true
		for _, a := range n.Addresses {
			if other, ok := byAddr[a]; ok && other != n.Name {
				byAddr[a] = "" // two nodes' tell neither
				continue
			}
			byAddr[a] = n.Name
		}
	}
	for i := range s.Pods {
		if s.Pods[i].Node != "" {
			names[s.Pods[i].Node] = true
		}
	}
	for i := range s.Dumps {
		d := &s.Dumps[i]
		d.Node = nodeInName(d.File, names)
		var found []string
		for _, a := range d.Local {
			if n := byAddr[a]; n != "" && !slices.Contains(found, n) {
				found = append(found, n)
			}
		}
		if len(found) == 1 {
			d.Node = found[0]
		}
		if len(names) > 0 && !names[d.Node] && len(s.Warnings) < maxWarnings {
			s.Warnings = append(s.Warnings, d.File+": not used: neither its name nor an address in it says which node it is of")
		}
	}
}

// nodeInName returns the longest name of a node that a file's name begins with as a word of its own, and without one the part up to the first dot.
func nodeInName(file string, names map[string]bool) string {
	for end := len(file); end > 0; end-- {
		if (end == len(file) || strings.IndexByte(".-_", file[end]) >= 0) && names[file[:end]] {
			return file[:end]
		}
	}
	name, _, _ := strings.Cut(file, ".")
	return name
}
