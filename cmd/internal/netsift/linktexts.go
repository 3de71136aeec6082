package netsift

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode/capture"
)

// linkTexts says what interfaces are called and what they are, as facts have it.
type linkTexts struct {
	captures []fact.Capture
	known    map[knownLink]*fact.Interface
	// kernel finds interfaces by the kernel's index, which is that of the node: of a rotating capture the facts name the first
	// file only.
	kernel map[nodeLink]*fact.Interface
}

type knownLink struct {
	capture int
	index   uint32
}

type nodeLink struct {
	node  string
	index uint32
}

func newLinkTexts(facts *fact.Facts) *linkTexts {
	t := &linkTexts{captures: facts.Captures, known: map[knownLink]*fact.Interface{}, kernel: map[nodeLink]*fact.Interface{}}
	for i := range facts.Interfaces {
		in := &facts.Interfaces[i]
		t.known[knownLink{in.Capture, in.Index}] = in
		if in.Hardware != 0 {
			t.kernel[nodeLink{t.node(in.Capture), in.Index}] = in
		}
	}
	return t
}

func (t *linkTexts) node(i int) string {
	if i < 0 || i >= len(t.captures) {
		return ""
	}
	return t.captures[i].Node
}

// find returns what is known of a frame's interface, nil for nothing.
func (t *linkTexts) find(f *frameHead) *fact.Interface {
	if f.iface.Link == capture.LinkLinuxSLL {
		return nil // it may be any
	}
	if in := t.known[knownLink{f.ref.Capture, f.index}]; in != nil {
		return in
	}
	if f.iface.Link != capture.LinkLinuxSLL2 {
		return nil
	}
	return t.kernel[nodeLink{t.node(f.ref.Capture), f.index}]
}

// of returns the name and the description of a frame's interface. In a cooked capture of all interfaces (LINUX_SLL2) each frame
// has the kernel's index of its interface. Each index is an interface of its own here, so that a reader can tell them apart.
func (t *linkTexts) of(f *frameHead) (name, description string) {
	name = f.iface.Name
	in := t.find(f)
	if f.iface.Link == capture.LinkLinuxSLL2 {
		name = fmt.Sprintf("if%d", f.index)
	}
	if in != nil && in.Name != "" {
		name = in.Name
	}
	description = t.what(f)
	if d := f.iface.Description; d != "" {
		description += "; " + d
	}
	return name, description
}

// what says in words what a frame's interface is: "veth of pod 10.244.1.5 on node1".
func (t *linkTexts) what(f *frameHead) string {
	s := "interface"
	switch in := t.find(f); {
	case f.iface.Link == capture.LinkLinuxSLL:
		s = "some interface" // the file does not say which
	case in != nil && in.Role.Object != nil:
		s = "veth of pod " + report.Named(in.Role.Object, in.Role.Pod.String())
	case in != nil && in.Role.Pod.IsValid():
		s = "veth of pod " + in.Role.Pod.String()
	case in != nil && in.Role.Kind != fact.InterfaceUnknown:
		s = in.Role.String()
	case in != nil && in.Name != "":
		s = "interface " + in.Name
	case f.iface.Link == capture.LinkLinuxSLL2:
		s = fmt.Sprintf("interface %d", f.index)
	case f.iface.Name != "":
		s = "interface " + f.iface.Name
	}
	// Of a single capture everything is of one place.
	if node := t.node(f.ref.Capture); node != "" && len(t.captures) > 1 {
		s += " on " + node
	}
	return s
}
