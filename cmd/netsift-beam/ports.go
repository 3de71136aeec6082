package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/netsift/netsift/decode"
)

// tunnelPorts finds the ports of tunnels among flags of netsift analyze (--vxlan-port 1234): facts are made by them, too, before there is a report.
func tunnelPorts(args []string) (map[decode.EncapKind][]uint16, error) {
	ports := map[decode.EncapKind][]uint16{}
	for i, arg := range args {
		flag, value, has := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		for k := range decode.UDPTunnels().All() {
			if !strings.HasPrefix(arg, "-") || flag != k.String()+"-port" {
				continue
			}
			if !has && i+1 < len(args) {
				value = args[i+1]
			}
			for s := range strings.SplitSeq(value, ",") {
				n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 16)
				if err != nil || n == 0 {
					return nil, fmt.Errorf("--%s %q: a port is a number from 1 to 65535", flag, value)
				}
				ports[k] = append(ports[k], uint16(n))
			}
		}
	}
	return ports, nil
}
