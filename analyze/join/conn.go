package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
)

// maxFurther bounds the legs beyond life.MaxLegs. Of these only loops are told: there are at most 255 turns, on a few interfaces.
const maxFurther = 1 << 10

// conn is what tells a connection from others, around its life. Every packet touches the first two cache lines, and two of the life's own.
type conn struct {
	// older and newer link the connections of a stage in the order in which they were linked, at the time linked.
	older, newer life.ID
	linked       int64

	life.State

	// newISN is the number of a SYN that came while the connection was alive: port reuse, if a SYN-ACK confirms it.
	newISN uint32
	// watched is not 0 where its sightings are told, see Watch.
	watched   uint16
	hasNewISN bool
	// sentOlder says that a SYN had an older timestamp than the latest that the server took from the same address.
	sentOlder bool
}

// after reports whether a lies after b in sequence space (RFC 9293, section 3.4).
func after(a, b uint32) bool { return int32(a-b) > 0 }

func ref(capture uint16, frame uint64) fact.Ref {
	return fact.Ref{Capture: int(capture), Frame: frame}
}
