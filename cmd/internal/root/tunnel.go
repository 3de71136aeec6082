package root

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/decode"
)

// portConfig tells that nodes send a tunnel's packets to another port than the CNI's ConfigMap says.
func portConfig(a *asked) *fact.Root {
	if len(a.finding.Nodes) != 2 {
		return nil
	}
	from, to := a.finding.Nodes[0], a.finding.Nodes[1]
	for i := range a.snapshot.Configs {
		c := &a.snapshot.Configs[i]
		kind, port, says := tunnelPort(c)
		if port == 0 {
			continue
		}
		other := func(t *fact.Tunnel) bool { return t.Kind == kind && t.Port != port }
		far := slices.IndexFunc(a.facts.Tunnels, func(t fact.Tunnel) bool { return other(&t) && t.Src == from && t.Dst == to })
		back := slices.IndexFunc(a.facts.Tunnels, func(t fact.Tunnel) bool { return other(&t) && t.Src == to && t.Dst == from })
		sender := from
		if far < 0 {
			far, sender = back, to
		}
		if far < 0 {
			continue
		}
		t := &a.facts.Tunnels[far]
		me := object("ConfigMap", &c.Meta)
		if slices.ContainsFunc(a.facts.Tunnels, func(x fact.Tunnel) bool { return x.Kind == kind && x.Port == t.Port && x.Sent > 0 && x.Returned > 0 }) {
			return root(unbelieved, &c.Meta, me, fmt.Sprintf("ConfigMap %s says %s, but %s packets to port %d are answered between nodes.",
				nameOf(&c.Meta), says, kind.Name(), t.Port))
		}
		text := fmt.Sprintf("%s sends %s packets to port %d, but ConfigMap %s says %s.", sender, kind.Name(), t.Port, nameOf(&c.Meta), says)
		if n := a.names.NodeAt(sender); n != nil {
			return root("port-config", &c.Meta, me, "Node "+n.Name+", "+text, object("Node", &n.Meta))
		}
		return root("port-config", &c.Meta, me, "Node "+text)
	}
	return nil
}

// The ports that a CNI takes where its ConfigMap names none: Linux' of VXLAN (flannel, Documentation/backends.md; cilium, --tunnel-port), and IANA's of Geneve.
const (
	linuxVXLAN = 8472
	ianaGeneve = 6081
)

// tunnelPort returns the port that a CNI's ConfigMap says its tunnels have, and how: flannel's net-conf.json (Backend.Type and Backend.Port), Cilium's
// tunnel-protocol and tunnel-port. Calico has it in a FelixConfiguration (vxlanPort), in no ConfigMap. 0 where nothing is said.
func tunnelPort(c *snapshot.ConfigMap) (kind decode.EncapKind, port uint16, says string) {
	var flannel struct {
		Backend struct {
			Type string
			Port uint16
		}
	}
	if json.Unmarshal([]byte(c.Data["net-conf.json"]), &flannel) == nil && flannel.Backend.Type == "vxlan" {
		if flannel.Backend.Port != 0 {
			return decode.EncapVXLAN, flannel.Backend.Port, fmt.Sprintf("port %d (net-conf.json: Backend.Port)", flannel.Backend.Port)
		}
		return decode.EncapVXLAN, linuxVXLAN, fmt.Sprintf("none in net-conf.json, so it is %d", linuxVXLAN)
	}
	protocol, ok := c.Data["tunnel-protocol"]
	if !ok || c.Data["routing-mode"] == "native" {
		return 0, 0, ""
	}
	switch strings.ToLower(protocol) {
	case "vxlan":
		kind, port = decode.EncapVXLAN, linuxVXLAN
	case "geneve":
		kind, port = decode.EncapGeneve, ianaGeneve
	default:
		return 0, 0, ""
	}
	if n, err := strconv.ParseUint(c.Data["tunnel-port"], 10, 16); err == nil && n != 0 {
		return kind, uint16(n), fmt.Sprintf("port %d (tunnel-port)", n)
	}
	return kind, port, fmt.Sprintf("no tunnel-port, so it is %d", port)
}
