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

// placeDumps tells of which nodes dumps are: by the addresses in them, or else by their files' paths.
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
		d.Node = nodeOf(d, names)
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
			s.Warnings = append(s.Warnings, d.File+": not used: neither its path nor an address in it says which node it is of")
		}
	}
}

// maxName is how long a node's name may be (RFC 1123 subdomains, as the API has it).
const maxName = 253

// nodeOf returns the node that a file's path tells: the name of a known one that the file's own name, or that of a directory that it lies in, begins with as a word
// of its own. Where none is known so, it is what the file's name begins with up to its first dot, or the directory where that is the command.
func nodeOf(d *dump.Dump, names map[string]bool) string {
	parts := strings.Split(d.File, "/")
	for _, part := range slices.Backward(parts) {
		for end := min(len(part), maxName); end > 0; end-- {
			if (end == len(part) || strings.IndexByte(".-_", part[end]) >= 0) && names[part[:end]] {
				return part[:end]
			}
		}
	}
	name, _, _ := strings.Cut(parts[len(parts)-1], ".")
	switch {
	case !d.Kind.Named(name):
		return name
	case len(parts) > 1:
		return parts[len(parts)-2]
	}
	return ""
}
