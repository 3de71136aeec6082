package wire

// UDP ports of WireGuard. The protocol has none of its own; these are what CNIs give it.
const (
	WireGuardPort       = 51820 // Calico and flannel
	WireGuardPort6      = 51821 // the same for IPv6
	WireGuardCiliumPort = 51871
)

// Lengths in bytes of WireGuard's messages (https://www.wireguard.com/protocol/); data has at least its header and tag.
const (
	wireGuardInitiation = 148
	wireGuardResponse   = 92
	wireGuardCookie     = 64
	wireGuardMinData    = 32
)

// WireGuard reports whether the first bytes of a UDP payload and its length on the wire are those of a WireGuard message:
// type 1 to 4, three zero bytes, the type's length. It is a hint, not a proof.
func WireGuard(payload []byte, wireLen uint32) bool {
	if len(payload) < 4 || be.Uint32(payload)&0xffffff != 0 {
		return false
	}
	switch payload[0] {
	case 1:
		return wireLen == wireGuardInitiation
	case 2:
		return wireLen == wireGuardResponse
	case 3:
		return wireLen == wireGuardCookie
	case 4:
		return wireLen >= wireGuardMinData && wireLen%16 == 0
	}
	return false
}
