package rules

import (
	"net/netip"
	"strings"
)

// fill puts the addresses of this capture into the commands of the next steps, so that they can be run as they stand, and
// leaves out those of which an address is not known.
func (f Finding) fill() Finding {
	values := map[string]string{
		"client": addr(f.Client), "name": f.Name,
		"service": addrPort(f.Service), "service-ip": addr(f.Service.Addr()), "service-port": port(f.Service),
		"backend": addrPort(f.Backend), "backend-ip": addr(f.Backend.Addr()), "backend-port": port(f.Backend),
		"server": addrPort(f.Server), "server-ip": addr(f.Server.Addr()),
	}
	if len(f.Nodes) > 1 {
		values["node1"], values["node2"] = addr(f.Nodes[0]), addr(f.Nodes[1])
	}
	var steps []string
next:
	for _, step := range f.NextSteps {
		for name, v := range values {
			if key := "{" + name + "}"; strings.Contains(step, key) {
				if v == "" {
					continue next
				}
				step = strings.ReplaceAll(step, key, v)
			}
		}
		if strings.Contains(step, "{node") {
			continue
		}
		steps = append(steps, step)
	}
	f.NextSteps = steps
	return f
}

func addr(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func addrPort(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func port(a netip.AddrPort) string {
	if _, p, ok := strings.Cut(addrPort(a), "]:"); ok {
		return p
	}
	_, p, _ := strings.Cut(addrPort(a), ":")
	return p
}
