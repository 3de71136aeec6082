package policy

import (
	"fmt"
	"net/netip"
	"path"
	"strconv"
	"strings"

	"github.com/netsift/netsift/rules"
)

// place selects places of findings. Conditions that are not set hold for all.
type place struct {
	client, service, backend, server *addresses
	name                             string
}

// any reports whether it holds for all places.
func (p *place) any() bool {
	return p.client == nil && p.service == nil && p.backend == nil && p.server == nil && p.name == ""
}

func (p *place) matches(x rules.Place) bool {
	return p.client.matches(netip.AddrPortFrom(x.Client, 0)) && p.service.matches(x.Service) && p.backend.matches(x.Backend) &&
		p.server.matches(x.Server) && (p.name == "" || x.Name != "" && matches(p.name, dnsName(x.Name)))
}

// addresses are those of a network, and a port of them.
type addresses struct {
	network netip.Prefix // zero: all
	port    uint16       // 0: any
}

func (a *addresses) matches(x netip.AddrPort) bool {
	return a == nil || x.Addr().IsValid() && (!a.network.IsValid() || a.network.Contains(x.Addr().Unmap())) && (a.port == 0 || a.port == x.Port())
}

// parseAddresses reads 10.96.0.10, 10.244.0.0/16, 10.96.0.0/12:443, [fd00::/64]:443, *:443 or *.
func parseAddresses(text string) (*addresses, error) {
	bad := func() (*addresses, error) {
		return nil, fmt.Errorf("%q is no address: write it like 10.96.0.10, 10.96.0.10:443, 10.244.0.0/16, 10.96.0.0/12:443, [fd00::/64]:443 or *:443", text)
	}
	host, port := text, ""
	if inside, ok := strings.CutPrefix(text, "["); ok {
		if host, port, ok = strings.Cut(inside, "]"); !ok {
			return bad()
		}
		if port != "" {
			if port, ok = strings.CutPrefix(port, ":"); !ok || port == "" {
				return bad()
			}
		}
	} else if strings.Count(text, ":") == 1 {
		if host, port, _ = strings.Cut(text, ":"); port == "" {
			return bad()
		}
	}
	var a addresses
	if port != "" && port != "*" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return bad()
		}
		a.port = uint16(n)
	}
	if host == "*" {
		return &a, nil
	}
	var err error
	if !strings.Contains(host, "/") {
		ip, failed := netip.ParseAddr(host)
		if failed != nil {
			return bad()
		}
		ip = ip.Unmap().WithZone("")
		a.network, err = ip.Prefix(ip.BitLen())
	} else {
		a.network, err = netip.ParsePrefix(host)
	}
	if err != nil {
		return bad()
	}
	if a.network != a.network.Masked() {
		return nil, fmt.Errorf("%q has bits beyond its length: write the network as %s, or the address alone", text, a.network.Masked())
	}
	return &a, nil
}

// parseName reads a DNS name in which * stands for anything, dots too.
func parseName(text string) (string, error) {
	name := dnsName(text)
	if _, err := path.Match(name, ""); err != nil {
		return "", fmt.Errorf("%q is no pattern: a * stands for anything, a [ needs its ]", text)
	}
	return name, nil
}

// dnsName returns a name as names are compared: case and the root's dot do not count. A slash, which no host's name has and a
// pattern's * stops at, becomes something else.
func dnsName(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSuffix(s, ".")), "/", "\x00")
}
