package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

// note describes a marked frame.
func note(c *fact.Connection, m fact.Mark) string {
	switch m.Kind {
	case fact.MarkSYN:
		return fmt.Sprintf("SYN of %s to %s", c.Client, c.Called)
	case fact.MarkSYNResend:
		return "the SYN again"
	case fact.MarkSYNACK:
		return "SYN-ACK"
	case fact.MarkTranslated:
		if c.Backend.IsValid() && c.Backend != c.Called {
			return fmt.Sprintf("translated to %s", c.Backend)
		}
		return "translated"
	case fact.MarkEncapsulated:
		return "in the tunnel"
	case fact.MarkResend:
		return fmt.Sprintf("%d-byte packet sent again", m.IPLen)
	case fact.MarkStall:
		return fmt.Sprintf("%d-byte packet, transmission %d", m.IPLen, m.Count)
	case fact.MarkReset:
		return "RST"
	case fact.MarkICMP:
		return "ICMP error about it"
	case fact.MarkFIN:
		return "FIN"
	case fact.MarkUntranslated:
		return fmt.Sprintf("reply reaches the client as from %s", c.Backend)
	case fact.MarkLoop:
		return fmt.Sprintf("the same packet again, TTL %d", m.Count)
	case fact.MarkQuery:
		if c.Proto == fact.ICMP {
			return fmt.Sprintf("echo request to %s", c.Called.Addr())
		}
		return fmt.Sprintf("request to %s", c.Called)
	case fact.MarkReply:
		return "reply"
	case fact.MarkData:
		return "data"
	}
	return ""
}
