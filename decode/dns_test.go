package decode_test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

const (
	queryHeader = "1234 0100 0001 0000 0000 0000"
	aIN         = "0001 0001"
)

func query(name string, tail string) []byte {
	return cat(unhex(queryHeader), []byte(name), unhex(tail))
}

func TestParseDNS(t *testing.T) {
	long := strings.Repeat("\x3f"+strings.Repeat("a", 63), 3) // 192 bytes
	for _, row := range []struct {
		name string
		msg  []byte
		text string
		want bool // there is a question
	}{
		{"query", query("\x03api\x07example\x03com\x00", aIN), "api.example.com", true},
		{"upper_case", query("\x03ApI\x07eXample\x03COM\x00", aIN), "api.example.com", true},
		{"root", query("\x00", "0002 0001"), ".", true},
		{"single_label", query("\x03web\x00", aIN), "web", true},
		{"terminal_escape", query("\x05\x1b[31m\x00", aIN), `\027[31m`, true},
		{"dot_and_backslash_in_label", query("\x03a.b\x02c\\\x00", aIN), `a\.b.c\\`, true},
		{"space_and_zone_file_syntax", query("\x05 \"();\x00", aIN), `\032\"\(\)\;`, true},
		{"bytes_beyond_ascii", query("\x02\xc3\xa4\x00", aIN), `\195\164`, true},
		{
			"length_255", query(long+"\x3d"+strings.Repeat("b", 61)+"\x00", aIN),
			strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("b", 61), true,
		},
		{"length_256", query(long+"\x3e"+strings.Repeat("b", 62)+"\x00", aIN), "", false},
		{"pointer_back", cat(unhex("1234 0100 0001 0000 0000 0361 6263 00"), unhex("c00b"), unhex(aIN)), "", false},
		{"pointer_into_header", cat(unhex("1234 8180 0001 0161 0000 0000"), unhex("c006"), unhex(aIN)), "a", true},
		{"pointer_to_itself", query("\xc0\x0c", aIN), "", false},
		{"pointer_forward", query("\xc0\x0e\x01a\x00", aIN), "", false},
		{"pointer_loop_through_label", query("\x01a\xc0\x0c", aIN), "", false},
		{"pointer_cut", query("\x01a\xc0", ""), "", false},
		{"reserved_label_type", query("\x41a\x00", aIN), "", false},
		{"label_beyond_message", query("\x3fabc", ""), "", false},
		{"name_without_end", query("\x03api", ""), "", false},
		{"type_cut", query("\x03api\x00", "0001 00"), "", false},
		{"no_question", unhex("1234 8180 0000 0000 0000 0000"), "", false},
		{"header_alone", unhex(queryHeader), "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			m, ok := decode.ParseDNS(row.msg)
			if !ok || m.HasQuestion != row.want || m.Name.String() != row.text || m.ID != 0x1234 {
				t.Errorf("%v, question %v %q; want %v %q", ok, m.HasQuestion, m.Name.String(), row.want, row.text)
			}
			if !row.want && m.Name != (decode.Name{}) {
				t.Errorf("no question, but the name is %q", m.Name.Wire())
			}
		})
	}
	if _, ok := decode.ParseDNS(make([]byte, 11)); ok {
		t.Error("a header of 11 bytes was read")
	}
}

func TestDNSFields(t *testing.T) {
	m, _ := decode.ParseDNS(cat(unhex("beef 8783 0001 0002 0003 0004"), []byte("\x03web\x03svc\x00"), unhex("001c 0001")))
	want := []bool{
		m.ID == 0xbeef, m.Response(), m.Truncated(), m.NXDomain(), m.Flags&wire.DNSAuthoritative != 0,
		m.Flags&wire.DNSRecursionDesired != 0, m.Flags&wire.DNSRecursionAvailable != 0, m.Questions == 1, m.Answers == 2,
		m.Authorities == 3, m.Additionals == 4, m.Type == dns.TypeAAAA, m.Class == dns.ClassINET, m.Name.Labels() == 2,
		m.Flags.Opcode() == 0, m.Flags.RCode() == 3,
	}
	for i, ok := range want {
		if !ok {
			t.Errorf("field %d of %+v", i, m)
		}
	}
	if q, _ := decode.ParseDNS(unhex("0000 7803 0000 0000 0000 0000")); q.NXDomain() || q.Flags.Opcode() != 15 {
		t.Error("a query is no NXDOMAIN")
	}
}

func TestNameHash(t *testing.T) {
	a, _ := decode.ParseDNS(query("\x03API\x00", aIN))
	b, _ := decode.ParseDNS(query("\x03api\x00", aIN))
	c, _ := decode.ParseDNS(query("\x03apj\x00", aIN))
	if a.Name != b.Name || a.Name.Hash() != b.Name.Hash() || a.Name.Hash() == c.Name.Hash() {
		t.Error("equal names must have equal hashes, others should not")
	}
}

func TestDNSAllocations(t *testing.T) {
	msg := query("\x03api\x07example\x03com\x00", aIN)
	buf := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() {
		m, _ := decode.ParseDNS(msg)
		buf = m.Name.AppendText(buf[:0])
		_ = m.Name.Hash()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzDNS: if both we and miekg/dns accept a name, it is the same, and packing it again gives the bytes that we hold.
func FuzzDNS(f *testing.F) {
	f.Add(query("\x03api\x07example\x03com\x00", aIN))
	f.Add(query("\x00", aIN))
	f.Add(query("\x05\x1b[31m\x02.\\\x00", aIN))
	f.Add(query("\xc0\x0c", aIN))
	f.Add(cat(unhex("1234 8180 0001 0161 0000 0000"), unhex("c006"), unhex(aIN)))
	f.Fuzz(func(t *testing.T, msg []byte) {
		m, ok := decode.ParseDNS(msg)
		if ok != (len(msg) >= wire.DNSLen) {
			t.Fatalf("%d bytes: %v", len(msg), ok)
		}
		text := m.Name.String()
		for _, c := range []byte(text) {
			if c <= ' ' || c > '~' {
				t.Fatalf("byte %d in the text %q", c, text)
			}
		}
		if !m.HasQuestion {
			return
		}
		name, _, err := dns.UnpackDomainName(msg, wire.DNSLen)
		if err != nil {
			return
		}
		// Either text, packed again, is the name in wire form but for case.
		for _, text := range []string{text + ".", name} {
			if text == ".." {
				text = "."
			}
			var packed [300]byte
			n, err := dns.PackDomainName(text, packed[:], 0, nil, false)
			if err != nil {
				t.Fatalf("%q does not pack: %v", text, err)
			}
			if got, want := lower(packed[:n]), string(m.Name.Wire()); got != want {
				t.Fatalf("%q packs to %q, the name is %q", text, got, want)
			}
		}
	})
}

// lower lowers ASCII letters and nothing else: strings.ToLower would read UTF-8 out of labels.
func lower(b []byte) string {
	out := make([]byte, len(b))
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return string(out)
}
