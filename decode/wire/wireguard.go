package wire

// UDP ports of WireGuard. The protocol has none of its own; these are what CNIs give it.
const (
	WireGuardPort       = 51820 // Calico and flannel
	WireGuardPort6      = 51821 // the same for IPv6
	WireGuardCiliumPort = 51871
)

// Lengths in bytes of WireGuard's messages (https://www.wireguard.com/protocol/); data has at least its header and tag.
const (
	WireGuardInitiation = 148
	WireGuardResponse   = 92
	WireGuardCookie     = 64
	WireGuardMinData    = 32
)

// WireGuard reports whether the first bytes of a UDP payload and its length on the wire are those of a WireGuard message:
// type 1 to 4, three zero bytes, the type's length. It is a hint, not a proof.
func WireGuard(payload []byte, wireLen uint32) bool {
	if len(payload) < 4 || be.Uint32(payload)&0xffffff != 0 {
		return false
	}
	switch payload[0] {
	case 1:
		return wireLen == WireGuardInitiation
	case 2:
		return wireLen == WireGuardResponse
	case 3:
		return wireLen == WireGuardCookie
	case 4:
		return wireLen >= WireGuardMinData && wireLen%16 == 0
	}
	return false
}
