package fact

import "fmt"

// Notice is a NOTIFICATION message of BGP: its sender ends the session (RFC 4271, section 4.5).
type Notice struct {
	From          Direction
	Code, Subcode uint8
	Time          int64
	Ref           Ref
}

// String says in words what the notification says: "hold timer expired" (RFC 4271, section 4.5; RFC 4486; RFC 9003; RFC 9384).
func (n *Notice) String() string {
	const cease = 6
	if names := [...]string{
		1: "maximum number of prefixes reached", 2: "administrative shutdown", 3: "peer de-configured", 4: "administrative reset",
		5: "connection rejected", 6: "other configuration change", 7: "connection collision", 8: "out of resources", 9: "hard reset", 10: "BFD down",
	}; n.Code == cease && int(n.Subcode) < len(names) && names[n.Subcode] != "" {
		return names[n.Subcode]
	}
	if names := [...]string{
		1: "message header error", 2: "OPEN message error", 3: "UPDATE message error", 4: "hold timer expired", 5: "finite state machine error", cease: "cease",
	}; int(n.Code) < len(names) && names[n.Code] != "" {
		return names[n.Code]
	}
	return fmt.Sprintf("code %d, subcode %d", n.Code, n.Subcode)
}
