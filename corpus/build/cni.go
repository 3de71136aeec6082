package build

import "encoding/binary"

// CNI is how pods of different nodes reach each other.
type CNI uint8

// The kinds of pod network.
const (
	VXLAN     CNI = iota // flannel: bridge cni0, device flannel.1, UDP port 8472
	VXLAN4789            // the same on the port that IANA assigned
	Geneve               // bridge and a Geneve device on UDP port 6081, with options as OVN sends them
	IPIP                 // Calico: a routed veth per pod, IP in IP by tunl0
	HostGW               // bridge and plain routes between the nodes
	WireGuard            // flannel: bridge cni0, device flannel-wg, UDP port 51820; what is inside can't be seen
)

// udpTunnel is a tunnel that carries Ethernet frames over UDP.
type udpTunnel struct {
	// device is the name of the tunnel's interface, beside the bridge of the pods.
	device string
	port   uint16
	// header returns the bytes between the UDP header and the frame.
	header func(vni uint32) []byte
	// checksum is set if the UDP checksum is left to offload. Without it there is none.
	checksum bool
}

var udpTunnels = map[CNI]udpTunnel{
	VXLAN:     {"flannel.1", 8472, vxlan, true},
	VXLAN4789: {"vxlan.calico", 4789, vxlan, true},
	Geneve:    {"genev_sys_6081", 6081, geneve, false},
}

// vxlan returns a header of RFC 7348.
func vxlan(vni uint32) []byte { return binary.BigEndian.AppendUint32([]byte{8, 0, 0, 0}, vni<<8) }

// geneve returns a header of RFC 8926 with one option of OVN's class (0x0102), critical: the logical ports.
func geneve(vni uint32) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{2, 0x40, 0x65, 0x58}, vni<<8), 1, 2, 0x80, 1, 0, 1, 0, 2)
}

// overhead is the encapsulation's addition to an inner IPv4 packet: the outer IPv4 header, UDP's and the tunnel's, and the inner
// Ethernet header.
func (k CNI) overhead() int {
	if t, ok := udpTunnels[k]; ok {
		return 20 + 8 + len(t.header(0)) + 14
	}
	switch k {
	case IPIP:
		return 20
	case WireGuard:
		return 80 // as flannel leaves it, for an underlay of IPv6
	}
	return 0
}
