package dump

import (
	"net/netip"
	"strconv"
	"strings"
)

// nftables reads what nft list ruleset printed: of it the tables of kube-proxy's nftables mode (kubernetes pkg/proxy/nftables/proxier.go).
func (p *parser) nftables() error {
	c := newChains(p)
	ours, proxied, kind, name := false, false, "", ""
	err := p.each(func(line string) {
		text := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "table "):
			ours = text == "table ip kube-proxy {" || text == "table ip6 kube-proxy {"
			proxied = proxied || ours
			p.dump.IPv4, p.dump.IPv6 = p.dump.IPv4 || text == "table ip kube-proxy {", p.dump.IPv6 || text == "table ip6 kube-proxy {"
			kind, name = "", ""
		case line == "}":
			ours = false
		case !ours:
		case text == "}":
			kind, name = "", ""
		case kind == "" && strings.HasSuffix(text, " {"):
			kind, name, _ = strings.Cut(strings.TrimSuffix(text, " {"), " ")
		case kind == "map":
			for _, e := range strings.Split(strings.Trim(strings.TrimPrefix(text, "elements = {"), " }"), ",") {
				c.element(name, e)
			}
		case kind == "chain":
			c.statement(name, text)
		}
	})
	switch {
	case err != nil:
		return err
	case ours:
		return errCut
	}
	p.foreign = !proxied
	return c.finish()
}

// element reads an element of a map: `10.96.0.50 . tcp . 80 comment "default/web" : goto service-X`, without an address for NodePorts.
func (c *chains) element(mapping, text string) {
	services := mapping == "service-ips" || mapping == "no-endpoint-services"
	if !services && mapping != "service-nodeports" && mapping != "no-endpoint-nodeports" {
		return
	}
	words := unquoted(text)
	key := 3 // protocol . port
	if services {
		key = 5 // address . protocol . port
	}
	if len(words) < key+2 {
		return
	}
	var a netip.Addr
	if services {
		var err error
		if a, err = netip.ParseAddr(words[0]); err != nil {
			return
		}
	}
	port, err := strconv.ParseUint(words[key-1], 10, 16)
	if err != nil {
		return
	}
	verdict := words[len(words)-1]
	c.head(words[key-3], netip.AddrPortFrom(a, uint16(port)), verdict, strings.HasPrefix(mapping, "no-endpoint-"))
}

// statement reads a rule of a chain: "numgen random mod 2 vmap { 0 : goto endpoint-X, 1 : goto endpoint-Y }", "ip saddr 10.244.2.8 jump
// mark-for-masquerade", "meta l4proto tcp dnat to 10.244.2.8:8080".
func (c *chains) statement(name, text string) {
	if name == "masquerading" {
		c.dump.Masquerades = c.dump.Masquerades || strings.HasPrefix(text, "masquerade")
		return
	}
	if !strings.HasPrefix(name, "service-") && !strings.HasPrefix(name, "external-") && !strings.HasPrefix(name, "endpoint-") {
		return
	}
	words := unquoted(text)
	for i, w := range words[:len(words)-1] {
		to := strings.TrimSuffix(words[i+1], ",")
		switch {
		case (w == "goto" || w == "jump") && to == "mark-for-masquerade":
			if strings.HasPrefix(name, "endpoint-") {
				c.mark(name, after(words, "saddr"))
			}
		case w == "goto" || w == "jump":
			c.lead(name, to)
		case w == "to" && i > 0 && words[i-1] == "dnat":
			c.translate(name, to)
		}
	}
}
