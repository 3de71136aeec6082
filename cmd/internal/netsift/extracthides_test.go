package netsift

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// pcapngBlock is a block of that format: its body, and options, each with its code in the first byte.
func pcapngBlock(kind uint32, body []byte, options ...string) []byte {
	le := binary.LittleEndian
	pad := func(b []byte) []byte { return append(b, make([]byte, -len(b)&3)...) }
	b := pad(append(make([]byte, 8), body...))
	for _, o := range options {
		b = le.AppendUint16(b, uint16(o[0]))
		b = le.AppendUint16(b, uint16(len(o)-1))
		b = pad(append(b, o[1:]...))
	}
	if len(options) > 0 {
		b = append(b, 0, 0, 0, 0)
	}
	b = le.AppendUint32(b, uint32(len(b)+4))
	le.PutUint32(b, kind)
	le.PutUint32(b[4:], uint32(len(b)))
	return b
}

// saidByHosts is what a TLS client, a browser and a DHCP client say of themselves.
const saidByHosts = "sni:" + company + ".example User-Agent: " + company + "/1.0 dhcp-hostname=" + company

// telling returns a capture with the same frames that tells whom it is from wherever pcapng has a place for it
// (draft-ietf-opsawg-pcapng, sections 3.5 to 4.8), and in payloads of TCP.
func telling(t *testing.T, data []byte) []byte {
	t.Helper()
	le := binary.LittleEndian
	frames, interfaces := readFrames(t, data)
	name := func(code byte, what string) string { return string(code) + what + company }
	section := append(le.AppendUint32(nil, 0x1a2b3c4d), 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255)
	b := pcapngBlock(0x0a0d0d0a, section, name(1, "comment"), name(2, "hardware"), name(3, "system"), name(4, "application"))
	link := append(le.AppendUint32(nil, uint32(interfaces[0].Link)), 0, 0, 0, 0)
	b = append(b, pcapngBlock(1, link, name(1, "comment"), name(2, "eth-"), name(3, "description"), "\x04\x0a\xf4\x01\x05\xff\xff\xff\x00",
		"\x06\x02\x42\xac\x11\x00\x99", "\x09\x09", name(11, "\x00host "), name(12, "system"), name(15, "hardware"))...)
	resolved := append([]byte{1, 0, 18, 0, 10, 244, 1, 5}, company+"\x00\x00\x00\x00\x00\x00\x00"...)
	b = append(b, pcapngBlock(4, resolved, name(2, "nameserver"))...)
	b = append(b, pcapngBlock(10, append(le.AppendUint32(le.AppendUint32(nil, 0x544c534b), uint32(len(company))), company...))...)
	b = append(b, pcapngBlock(9, []byte("MESSAGE="+company+"\n"))...)
	b = append(b, pcapngBlock(0xbad, append(le.AppendUint32(nil, 32473), company...))...)
	decoder := decode.New(decode.Options{}, decode.NewStacks())
	for _, f := range frames[1:] {
		frame := []byte(f.data)
		var p decode.Packet
		decoder.Decode(&p, f.link, frame, f.wire)
		if p.Has&decode.HasTCP != 0 {
			copy(frame[p.Payload:p.Payload+p.PayloadCap], saidByHosts)
		}
		body := le.AppendUint32(nil, 0)
		body = le.AppendUint32(body, uint32(f.time>>32))
		body = le.AppendUint32(body, uint32(f.time))
		body = le.AppendUint32(body, uint32(len(frame)))
		body = append(le.AppendUint32(body, f.wire), frame...)
		b = append(b, pcapngBlock(6, body, name(1, "packet"), name(2, "flags"), name(3, "\x02"), name(7, "\x00"))...)
	}
	return append(b, pcapngBlock(5, make([]byte, 12), name(1, "counters"))...)
}

// TestRedactedExtract: whom a capture is from, a redacted excerpt does not say: not in blocks and options, nor in what hosts send, nor by
// addresses of any layer.
func TestRedactedExtract(t *testing.T) {
	extracted := 0
	for _, c := range cases.All() {
		if !slices.Contains([]string{"cni-mtu-blackhole", "ok-ipv6", "dns-servfail", "cni-reject"}, c.Name) {
			continue
		}
		files := fstest.MapFS{}
		var names []string
		o := &originals{map[string]bool{}, map[string]bool{}}
		key := redact.NewKey(secret)
		for _, f := range c.Play().Files() {
			name := company + "-" + strings.TrimSuffix(f.Name, ".zst")
			files[name] = &fstest.MapFile{Data: telling(t, f.Data)}
			names = append(names, name)
			o.read(t, key, []analyze.Input{{Name: name, Open: func() (io.ReadCloser, error) { return files.Open(name) }}})
		}
		for i := range names {
			e, to, stderr := redactEnv(files)
			if code := Run(context.Background(), e, []string{"facts", "--redact", "-w", "-", names[i]}); code != ExitOK {
				t.Errorf("%s: exit code %d, %s", c.Name, code, stderr)
			}
			extracted++
			o.inBytes(t, c.Name+" facts", unpacked(t, to.Bytes()))
		}
		wanted := [][]string{{"--finding", "1"}}
		if id, _ := longest(t, files, names); id != "" {
			wanted = append(wanted, []string{"--conn", id})
		}
		for _, w := range wanted {
			e, _, stderr := redactEnv(files)
			out := new(file)
			e.Create = func(string, making) (made, error) { return out, nil }
			if code := Run(context.Background(), e, append(append([]string{"extract", "--redact", "-w", "out.pcapng"}, w...), names...)); code != ExitOK {
				if code == ExitUsage && w[0] == "--finding" {
					continue // there is none, or it rests on no frame
				}
				t.Errorf("%s: exit code %d, %s", c.Name, code, stderr)
			}
			extracted++
			o.inBytes(t, c.Name, out.Bytes())
		}
	}
	if extracted < 10 {
		t.Errorf("only %d excerpts", extracted)
	}
}

// unpacked returns the bytes of all frames of a facts file, and what it says of itself.
func unpacked(t *testing.T, facts []byte) []byte {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(facts))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var all []byte
	var b capture.Block
	for r.Read(&b) == nil {
		all = append(all, b.Data...)
	}
	return fmt.Append(all, r.Of(), r.Interfaces())
}

// inBytes looks for originals as frames have them.
func (o *originals) inBytes(t *testing.T, what string, b []byte) {
	t.Helper()
	named := &originals{addresses: o.addresses} // a label may be a word of netsift's
	if list := named.leaks(string(b)); len(list) > 0 {
		t.Errorf("%s: %q", what, list)
	}
	for a := range o.addresses {
		if bytes.Contains(b, netip.MustParseAddr(a).AsSlice()) {
			t.Errorf("%s: the bytes of %s", what, a)
		}
	}
	for w := range o.words {
		if mac, err := net.ParseMAC(w); err == nil && bytes.Contains(b, mac) {
			t.Errorf("%s: the bytes of %s", what, mac)
		}
		if strings.Contains(w, ".") {
			continue
		}
		if label := string(rune(len(w))) + w; bytes.Contains(b, []byte(label)) {
			t.Errorf("%s: the label %s", what, w)
		}
	}
}
