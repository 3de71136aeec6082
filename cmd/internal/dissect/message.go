package dissect

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// maxRecords is how many records of a section, of DNS or of TLS, are shown.
const maxRecords = 32

// dnsOverTCP reads messages behind their lengths (RFC 1035, section 4.2.2). In the middle of a stream the first bytes may be none.
func (x *work) dnsOverTCP(b []byte) next {
	if len(b) < 2 {
		x.rest(b, "")
		return next{}
	}
	n := int(binary.BigEndian.Uint16(b))
	body := b[2:]
	if n < 12 || len(body) < 12 {
		x.rest(b, "")
		return next{}
	}
	x.dns(body[:min(n, len(body))])
	if n < len(body) {
		return next{data: body[n:], own: (*work).dnsOverTCP}
	}
	return next{}
}

// dns reads a message.
func (x *work) dns(b []byte) next {
	l := x.message("DNS", b)
	var m dns.Msg
	err := unpack(&m, b)
	if len(b) < 12 { // RFC 1035, section 4.1.1
		x.stop("a DNS header has 12 bytes, and %d are there", len(b))
		return next{}
	}
	what := "query"
	if m.Response {
		what = "answer " + named(dns.RcodeToString, m.Rcode)
	}
	l.add("id", "0x%04x", m.Id)
	l.add("message", "%s", what)
	l.add("opcode", "%s", named(dns.OpcodeToString, m.Opcode))
	var flags []string
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"authoritative", m.Authoritative},
		{"truncated", m.Truncated},
		{"recursion desired", m.RecursionDesired},
		{"recursion available", m.RecursionAvailable},
		{"authentic data", m.AuthenticatedData},
		{"checking disabled", m.CheckingDisabled},
	} {
		if f.set {
			flags = append(flags, f.name)
		}
	}
	l.add("flags", "%s", orNone(strings.Join(flags, ", ")))
	l.Summary = what
	for i, q := range m.Question {
		if i == 0 {
			l.Summary += " " + named(dns.TypeToString, q.Qtype) + " " + clip(q.Name)
		}
		if i < maxRecords {
			l.add("question", "%s %s %s", q.Name, named(dns.ClassToString, q.Qclass), named(dns.TypeToString, q.Qtype))
		}
	}
	for _, s := range []struct {
		name string
		list []dns.RR
	}{{"answer", m.Answer}, {"authority", m.Ns}, {"additional", m.Extra}} {
		for _, r := range s.list[:min(len(s.list), maxRecords)] {
			l.add(s.name, "%s", record(r))
		}
		if more := len(s.list) - maxRecords; more > 0 {
			l.add(s.name, "and %d more", more)
		}
	}
	if err != nil {
		x.stop("DNS: %v", err)
	}
	return next{}
}

// unpack reads a message as far as it goes. The library has been fuzzed by others, and is kept from taking the dissection with it all the same.
func unpack(m *dns.Msg, b []byte) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the library gave up: %v", v)
		}
	}()
	return m.Unpack(b)
}

// record returns a record as a zone file has it, on one line. EDNS (RFC 6891) is no record of a zone.
func record(r dns.RR) string {
	if o, ok := r.(*dns.OPT); ok {
		s := fmt.Sprintf("EDNS version %d, UDP size %d", o.Version(), o.UDPSize())
		if o.Do() {
			s += ", DNSSEC OK"
		}
		for _, x := range o.Option {
			s += fmt.Sprintf(", option %d", x.Option())
		}
		return s
	}
	return strings.Join(strings.Fields(r.String()), " ")
}

// named returns the name of a number, or the number.
func named[T ~int | ~uint16](names map[T]string, n T) string {
	if s, ok := names[n]; ok {
		return s
	}
	return strconv.Itoa(int(n))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// The types of TLS's records and of its first handshake messages (RFC 8446, sections 5.1 and 4).
const (
	recordChangeCipher, recordAlert, recordHandshake, recordData = 20, 21, 22, 23

	clientHello, serverHello = 1, 2
)

// isTLS reports whether a segment begins with a record of TLS: its type, and a version 3.x.
func isTLS(b []byte) bool {
	return len(b) >= 5 && b[0] >= recordChangeCipher && b[0] <= recordData && b[1] == 3 && b[2] <= 4 && binary.BigEndian.Uint16(b[3:]) > 0 &&
		binary.BigEndian.Uint16(b[3:]) <= 1<<14+256 // RFC 8446, section 5.2
}

// tls reads a record. The next one follows, as far as it is in this segment.
func (x *work) tls(b []byte) next {
	n := int(binary.BigEndian.Uint16(b[3:]))
	whole := len(b) >= 5+n
	body := b[5:min(5+n, len(b))]
	l := x.message("TLS", b[:5+len(body)])
	kind := map[byte]string{recordChangeCipher: "change cipher spec", recordAlert: "alert", recordHandshake: "handshake", recordData: "application data"}[b[0]]
	l.add("record", "%s (%d)", kind, b[0])
	l.add("record version", "%s", version(binary.BigEndian.Uint16(b[1:])))
	l.add("length", "%d", n)
	l.Summary = kind + ", " + bytesOf(n)
	switch {
	case b[0] == recordAlert && len(body) == 2:
		level := map[byte]string{1: "warning", 2: "fatal"}[body[0]]
		l.Summary = strings.TrimSpace(level + " alert: " + tls.AlertError(body[1]).Error())
		l.add("alert", "%s", tls.AlertError(body[1]).Error())
	case b[0] == recordHandshake && len(body) >= 4 && body[0] == clientHello:
		hello(l, body[4:min(4+int(body[1])<<16+int(body[2])<<8+int(body[3]), len(body))], true)
	case b[0] == recordHandshake && len(body) >= 4 && body[0] == serverHello:
		hello(l, body[4:min(4+int(body[1])<<16+int(body[2])<<8+int(body[3]), len(body))], false)
	}
	rest := b[5+len(body):]
	switch {
	case !whole:
		x.stop("the record goes on behind this segment")
	case isTLS(rest):
		return next{data: rest, own: (*work).tls}
	default:
		x.rest(rest, "")
	}
	return next{}
}

// hello reads a ClientHello or ServerHello (RFC 8446, sections 4.1.2 and 4.1.3), as far as it is there.
func hello(l *Layer, b []byte, client bool) {
	who := "server hello"
	if client {
		who = "client hello"
	}
	l.Summary = who
	l.add("handshake", "%s", who)
	r := &reader{b}
	legacy := r.number(2)
	r.take(32)          // random
	r.take(r.number(1)) // session id
	if ciphers := r; client {
		list := ciphers.take(r.number(2))
		l.add("cipher suites", "%d", len(list)/2)
	} else {
		l.add("cipher suite", "%s", tls.CipherSuiteName(uint16(r.number(2))))
	}
	if client {
		r.take(r.number(1)) // compression
	} else {
		r.take(1)
	}
	l.add("version", "%s", version(uint16(legacy)))
	extensions := &reader{r.take(r.number(2))}
	for len(extensions.b) >= 4 {
		kind := extensions.number(2)
		e := &reader{extensions.take(extensions.number(2))}
		switch kind {
		case 0: // server_name, RFC 6066, section 3
			if !client {
				break
			}
			names := &reader{e.take(e.number(2))}
			if t := names.number(1); t == 0 {
				name := string(names.take(names.number(2)))
				l.add("server name", "%s", name)
				l.Summary += ", server name " + clip(name)
			}
		case 16: // ALPN, RFC 7301, section 3.1
			list := &reader{e.take(e.number(2))}
			var protocols []string
			for len(list.b) > 0 && len(protocols) < maxRecords {
				protocols = append(protocols, string(list.take(list.number(1))))
			}
			l.add("ALPN", "%s", strings.Join(protocols, ", "))
		case 43: // supported_versions, RFC 8446, section 4.2.1
			list := e
			if client {
				list = &reader{e.take(e.number(1))}
			}
			var versions []string
			for len(list.b) >= 2 && len(versions) < maxRecords {
				versions = append(versions, version(uint16(list.number(2))))
			}
			l.add("supported versions", "%s", strings.Join(versions, ", "))
		}
	}
}

func version(v uint16) string {
	switch {
	case v >= tls.VersionTLS10 && v <= tls.VersionTLS13:
		return tls.VersionName(v)
	case v&0x0f0f == 0x0a0a: // GREASE, RFC 8701: a number that no one may know
		return "GREASE"
	}
	return fmt.Sprintf("0x%04x", v)
}

// reader takes bytes from a message, and none where there are fewer.
type reader struct{ b []byte }

func (r *reader) take(n int) []byte {
	n = min(n, len(r.b))
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) number(size int) int {
	n := 0
	for _, c := range r.take(size) {
		n = n<<8 | int(c)
	}
	return n
}

// methods begin the requests of HTTP/1 (RFC 9110, section 9).
var methods = []string{"GET ", "POST ", "PUT ", "DELETE ", "HEAD ", "OPTIONS ", "PATCH ", "CONNECT ", "TRACE ", "HTTP/1."}

// isHTTP reports whether a segment begins with the first line of a request or an answer of HTTP/1, or with the preface of HTTP/2.
func isHTTP(b []byte) bool {
	if bytes.HasPrefix(b, []byte("PRI * HTTP/2.0\r\n")) {
		return true
	}
	for _, m := range methods {
		if bytes.HasPrefix(b, []byte(m)) {
			return true
		}
	}
	return false
}

// http reads the header of a message, as far as it is in this segment.
func (x *work) http(b []byte) next {
	head, body, whole := bytes.Cut(b, []byte("\r\n\r\n"))
	size := len(head)
	if whole {
		size += 4
	}
	l := x.message("HTTP", b[:size])
	l.Payload = true
	for i, line := range strings.Split(string(head), "\r\n") {
		if i == 0 {
			l.Summary = clip(line)
			l.add("first line", "%s", line)
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		l.add(clip(name), "%s", strings.TrimSpace(value))
	}
	x.rest(body, "")
	return next{}
}
