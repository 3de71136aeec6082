package dump

import (
	"net/netip"
	"strings"
)

// virtual reads what ipvsadm -Ln printed: "TCP  10.96.0.50:80 rr", and its backends below: "  -> 10.244.2.8:8080  Masq  1  0  0".
type virtual struct {
	*parser
	// of says that a backend is one of the Service that was read last.
	of bool
}

func (v *virtual) line(text string) {
	words := strings.Fields(text)
	if len(words) < 2 {
		return
	}
	d := v.dump
	a, err := netip.ParseAddrPort(words[1])
	switch words[0] {
	case "TCP", "UDP", "SCTP":
		if v.of = err == nil && v.take(1); v.of {
			d.Services = append(d.Services, Service{Protocol: strings.ToLower(words[0]), At: a})
		}
	case "->":
		// One of weight 0 gets no new connections (kubernetes pkg/proxy/ipvs/graceful_termination.go).
		if err == nil && v.of && len(words) > 3 && words[3] != "0" && v.take(1) {
			s := &d.Services[len(d.Services)-1]
			s.Backends = append(s.Backends, Backend{AddrPort: a})
		}
	default:
		v.of = false
	}
}
