package root

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
)

// tunnelPort tells that the packets in a tunnel go to another port than the network's configuration says.
func tunnelPort(a *asked) *fact.Root {
	c := a.finding.Example
	if c == nil {
		return nil
	}
	for i := range a.snapshot.Configs {
		config := &a.snapshot.Configs[i]
		key, want := portOfTunnel(config)
		if want == 0 {
			continue
		}
		for _, l := range c.Legs {
			for _, e := range l.Encap {
				if e.Port != 0 && e.Port != want {
					return root("port-config", &config.Meta, object("ConfigMap", &config.Meta), fmt.Sprintf(
						"ConfigMap %s has UDP port %d for the tunnels (%s), and these packets go to port %d: the nodes do not all go by it.", nameOf(&config.Meta), want, key, e.Port))
				}
			}
		}
	}
	return nil
}

// portOfTunnel returns the UDP port of the tunnels in the configuration of a network, and the key that has it; 0 where it says none.
func portOfTunnel(c *snapshot.ConfigMap) (key string, port uint16) {
	if s := c.Data["tunnel-port"]; s != "" { // Cilium (docs.cilium.io, agent option tunnel-port); "0" is the protocol's own
		n, _ := strconv.ParseUint(s, 10, 16)
		return "tunnel-port", uint16(n)
	}
	var flannel struct {
		Backend struct {
			Type string
			Port uint16
		}
	}
	if s := c.Data["net-conf.json"]; s != "" && json.Unmarshal([]byte(s), &flannel) == nil && flannel.Backend.Type == "vxlan" { // flannel, Documentation/backends.md
		return "net-conf.json, Backend.Port", flannel.Backend.Port
	}
	return "", 0
}
