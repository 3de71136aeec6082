package redact

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"
)

// Source is a capture as the user and analysis call it.
type Source struct {
	// File is its name as given, Label what the ids of its connections begin with, Node what the user called its node; "" where
	// analysis names the node by labels.
	File, Label, Node string
}

// Redaction makes redacted copies of what analysis concluded, of one run: facts, connections, lookups and walks. Reports are
// made of those copies, and rules judge them, so that no text made of them can hold an original. It is for one goroutine.
type Redaction struct {
	key *Key
	// files are the names of the captures by index, named maps their originals to them. labels and nodes map originals to their substitutes,
	// labelled maps redacted labels back.
	files                   []string
	named                   map[string]string
	labels, nodes, labelled map[string]string

	// names are those that were replaced lately.
	names map[string]string
}

// New returns the redaction of these captures, which have the order of analysis' inputs.
//
// Captures and nodes are numbered in the order of their labels, as analysis orders them: so the order of the command line
// changes nothing, and what is sorted by them stays sorted.
func New(key *Key, sources []Source) *Redaction {
	r := &Redaction{
		key: key, files: make([]string, len(sources)), named: map[string]string{}, labelled: map[string]string{},
		names: map[string]string{},
	}
	var labels, nodes []string
	for _, s := range sources {
		labels = append(labels, s.Label)
		if s.Node != "" {
			nodes = append(nodes, s.Node)
		} else {
			nodes = append(nodes, s.Label) // a node is called by the label of one of its captures
		}
	}
	r.labels, r.nodes = numbered("capture", labels), numbered("node", nodes)
	for i, s := range sources {
		label := r.labels[s.Label]
		r.labelled[label] = s.Label
		if r.files[i] = label + extension(s.File); s.File == "-" {
			r.files[i] = s.File // standard input has no name to hide
		}
		r.named[s.File] = r.files[i]
	}
	return r
}

// numbered returns a number with a word before it for each of a list, in order, with as many digits as the last one has.
func numbered(word string, list []string) map[string]string {
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	digits := len(fmt.Sprint(len(list)))
	m := map[string]string{}
	for i, s := range list {
		m[s] = fmt.Sprintf("%s%0*d", word, digits, i+1)
	}
	return m
}

// extension returns the part of a capture's name that tells its form. The rest may be anything.
func extension(file string) string {
	packed := path.Ext(file)
	switch packed {
	case ".gz", ".zst":
		file = strings.TrimSuffix(file, packed)
	default:
		packed = ""
	}
	switch form := path.Ext(file); form {
	case ".pcapng", ".cap":
		return form + packed
	}
	return ".pcap" + packed
}

// Key returns the key that it goes by.
func (r *Redaction) Key() *Key { return r.key }

// Files returns what stands for the names of the captures.
func (r *Redaction) Files() []string { return r.files }

// ID returns what stands for the id of a connection: the label of its capture is replaced, the frame stays.
func (r *Redaction) ID(id string) string { return relabel(id, r.labels) }

// Original returns the id that ID was given.
func (r *Redaction) Original(id string) string { return relabel(id, r.labelled) }

func relabel(id string, labels map[string]string) string {
	i := strings.LastIndexByte(id, ':')
	if i < 0 {
		return "" // no connection has such an id
	}
	return labels[id[:i]] + id[i:]
}

// node returns what stands for the label of a node.
func (r *Redaction) node(label string) string { return r.nodes[label] }

// Addr returns what stands for an address; no address stays none.
func (r *Redaction) Addr(a netip.Addr) netip.Addr { return r.key.Addr(a) }

// AddrPort is Addr for an address with its port, which stays.
func (r *Redaction) AddrPort(a netip.AddrPort) netip.AddrPort { return r.key.AddrPort(a) }

// maxNames bounds the names that are kept: replacing one again costs little then, and a capture full of different ones no memory.
const maxNames = 1 << 14

// Name returns what stands for a DNS name.
func (r *Redaction) Name(name string) string {
	if to, ok := r.names[name]; ok || name == "" {
		return to
	}
	if len(r.names) >= maxNames {
		clear(r.names)
	}
	to := r.key.Name(name)
	r.names[name] = to
	return to
}

// each returns the redacted copies of a list; nil of nil.
func each[T any](list []T, of func(T) T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, x := range list {
		out[i] = of(x)
	}
	return out
}
