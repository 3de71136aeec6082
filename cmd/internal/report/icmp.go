package report

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

// ICMPName says in words what an ICMP error says (RFC 792; RFC 4443).
func ICMPName(e *fact.ICMPError) string {
	switch {
	case e.TooBig() && e.V6:
		return "packet too big"
	case e.TooBig():
		return "fragmentation needed"
	case e.PortUnreachable():
		return "port unreachable"
	case e.NoProtocol():
		return "protocol unreachable"
	case e.Prohibited():
		return "administratively prohibited"
	case e.TimeExceeded():
		return "time exceeded"
	case e.Unreachable():
		return "destination unreachable"
	}
	return fmt.Sprintf("type %d code %d", e.Type, e.Code)
}
