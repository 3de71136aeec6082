package decode

// TunnelPorts tells which tunnel a UDP port stands for. That is a hypothesis: the header behind the port confirms it, or
// the packet stays plain UDP.
type TunnelPorts struct {
	// A byte for each port: Decode asks it of every UDP packet, so it is one load and no comparison.
	kinds [1 << 16]EncapKind
}

// NewTunnelPorts returns the ports on which a Decoder with these options looks for tunnels.
func NewTunnelPorts(o Options) *TunnelPorts {
	t := &TunnelPorts{}
	t.add(o.Ports)
	return t
}

// add enters the usual ports, and more of them. A port that two kinds claim stays with the first.
func (t *TunnelPorts) add(more map[EncapKind][]uint16) {
	for k := range UDPTunnels().All() {
		for _, ports := range [...][]uint16{k.Ports(), more[k]} {
			for _, port := range ports {
				if t.kinds[port] == EncapNone {
					t.kinds[port] = k
				}
			}
		}
	}
}

// Kind returns the kind of tunnel that a port stands for, EncapNone for most.
func (t *TunnelPorts) Kind(port uint16) EncapKind { return t.kinds[port] }
