package dissect

import (
	"fmt"
	"strings"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// Dissection is a frame, taken apart.
type Dissection struct {
	// Layers are its headers in the order of their bytes, at most MaxLayers.
	Layers []Layer
	// Stop says why the bytes behind the last of Layers are not shown in them: they are cut off, damaged, or of a protocol that is not
	// known. "" if all are.
	Stop string
}

// Layer is a header, or a message.
type Layer struct {
	// Name is the protocol's.
	Name string
	// Summary says the essence in a few words.
	Summary string
	// Offset is where its bytes begin in the frame, Length how many they are.
	Offset, Length int
	// Fields are its fields in the order of the header, at most MaxFields.
	Fields []Field
	// Payload says that it is what a program sent, and may hold secrets.
	Payload bool
}

// Field is a field of a header.
type Field struct{ Name, Value string }

// MaxLayers and MaxFields bound what is shown of a frame, maxValue the bytes of a value: there may be 16,000 MPLS labels in one, or as many records in
// an answer.
const (
	MaxLayers = 48
	MaxFields = 200
	maxValue  = 600
)

// add adds a field. Text in it is a stranger's.
func (l *Layer) add(name, format string, args ...any) {
	switch n := len(l.Fields); {
	case n == MaxFields-1:
		l.Fields = append(l.Fields, Field{"more", "more fields than are shown"})
	case n < MaxFields:
		l.Fields = append(l.Fields, Field{name, clip(fmt.Sprintf(format, args...))})
	}
}

func clip(s string) string {
	if len(s) <= maxValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxValue], "") + "..."
}

// Dissector takes frames apart. It is for one goroutine.
type Dissector struct {
	tunnels *decode.TunnelPorts
}

// New returns a Dissector that looks for tunnels on the ports on which a Decoder with the same options does.
func New(o decode.Options) *Dissector { return &Dissector{decode.NewTunnelPorts(o)} }

// Frame takes the captured bytes of a frame apart. The result keeps no reference to data.
func (d *Dissector) Frame(link capture.LinkType, data []byte) *Dissection {
	x := &work{tunnels: d.tunnels, frame: data[:len(data):len(data)]}
	for next := x.link(link); next.decoder != nil || next.own != nil; {
		if len(x.Layers) >= MaxLayers {
			x.stop("more than %d headers", MaxLayers)
			break
		}
		next = x.step(next)
	}
	return &x.Dissection
}

// work is the dissection of a frame.
type work struct {
	Dissection
	tunnels *decode.TunnelPorts
	frame   []byte
}

// next is what comes next of a frame: bytes, and who reads them. own is this package's, and goes first.
type next struct {
	data    []byte
	decoder gopacket.Decoder
	own     func(*work, []byte) next
}

// step reads one header. Whatever a library makes of hostile bytes ends here.
func (x *work) step(n next) (then next) {
	name := ""
	defer func() {
		if v := recover(); v != nil {
			x.stop("gopacket gave up on %s: %v", name, v)
			then = next{}
		}
	}()
	if n.own != nil {
		name = "a message"
		return n.own(x, n.data)
	}
	if len(n.data) == 0 {
		return next{}
	}
	t, known := layerType(n.decoder)
	name = layerName(t)
	if known && !dissected[t] {
		x.rest(n.data, unknownName(n.decoder))
		return next{}
	}
	b := &builder{}
	err := n.decoder.Decode(n.data, b)
	for _, l := range b.layers {
		if err == nil || len(l.LayerContents()) > 0 {
			x.add(l)
		}
	}
	if len(b.layers) > 0 {
		name = layerName(b.layers[len(b.layers)-1].LayerType())
	}
	switch {
	case err != nil && t == layers.LayerTypeTCP && len(n.data) >= quotedTCP:
		x.cutTCP(n.data)
		return next{}
	case err != nil:
		x.stop("%s: %v", name, err)
		return next{}
	}
	if len(b.layers) == 0 {
		return next{}
	}
	if b.truncated {
		x.Stop = "the packet goes on behind the bytes that were captured"
	}
	last := b.layers[len(b.layers)-1]
	if then = x.behind(last, b.next); len(then.data) >= len(n.data) {
		return next{} // nothing was read
	}
	return then
}

// stop says why the dissection ends.
func (x *work) stop(format string, args ...any) { x.Stop = clip(fmt.Sprintf(format, args...)) }

// add adds a header that gopacket has read.
func (x *work) add(l gopacket.Layer) {
	if len(x.Layers) >= MaxLayers {
		return
	}
	out := Layer{Name: layerName(l.LayerType()), Length: len(l.LayerContents())}
	out.Offset = x.offset(l.LayerContents())
	describe(&out, l)
	x.Layers = append(x.Layers, out)
}

// message adds what this package has read itself, or bytes that nobody reads.
func (x *work) message(name string, b []byte) *Layer {
	x.Layers = append(x.Layers, Layer{Name: name, Offset: x.offset(b), Length: len(b)})
	return &x.Layers[len(x.Layers)-1]
}

// rest adds bytes that nobody reads. what says whose they are, "" if that is not known.
func (x *work) rest(b []byte, what string) {
	if len(b) == 0 {
		return
	}
	name := "Data"
	if what != "" {
		name = what
	}
	l := x.message(name, b)
	l.Summary, l.Payload = bytesOf(len(b)), true
	if s := printable(b); s != "" {
		l.add("text", "%s", s)
	}
}

// offset returns where a part of the frame begins.
func (x *work) offset(part []byte) int {
	off := cap(x.frame) - cap(part)
	if len(part) == 0 || off < 0 || off >= len(x.frame) || &x.frame[off] != &part[0] {
		return min(max(off, 0), len(x.frame))
	}
	return off
}

// builder takes what one decoder reads, and keeps it from calling the next one: a frame of thousands of headers would otherwise take a stack of as many
// calls.
type builder struct {
	layers    []gopacket.Layer
	next      gopacket.Decoder
	truncated bool
}

var _ gopacket.PacketBuilder = (*builder)(nil)

// AddLayer implements gopacket.PacketBuilder.
func (b *builder) AddLayer(l gopacket.Layer) { b.layers = append(b.layers, l) }

// NextDecoder implements gopacket.PacketBuilder.
func (b *builder) NextDecoder(d gopacket.Decoder) error {
	b.next = d
	return nil
}

// SetTruncated implements gopacket.DecodeFeedback.
func (b *builder) SetTruncated() { b.truncated = true }

// DecodeOptions implements gopacket.PacketBuilder.
func (b *builder) DecodeOptions() *gopacket.DecodeOptions { return &gopacket.DecodeOptions{} }

// SetLinkLayer and those below implement gopacket.PacketBuilder: nobody asks which layer is which.
func (b *builder) SetLinkLayer(gopacket.LinkLayer) {}

// SetNetworkLayer implements gopacket.PacketBuilder.
func (b *builder) SetNetworkLayer(gopacket.NetworkLayer) {}

// SetTransportLayer implements gopacket.PacketBuilder.
func (b *builder) SetTransportLayer(gopacket.TransportLayer) {}

// SetApplicationLayer implements gopacket.PacketBuilder.
func (b *builder) SetApplicationLayer(gopacket.ApplicationLayer) {}

// SetErrorLayer implements gopacket.PacketBuilder.
func (b *builder) SetErrorLayer(gopacket.ErrorLayer) {}

// DumpPacketData implements gopacket.PacketBuilder.
func (b *builder) DumpPacketData() {}
