package rules

import (
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// sctpSteps turns commands that look at TCP's sockets and connections into those for SCTP.
var sctpSteps = strings.NewReplacer("ss -ltn", "ss -lSn", " -p tcp -d ", " -p sctp -d ")

// over words the next steps for connections of a protocol.
func (f Finding) over(p fact.Proto) Finding {
	if p != fact.SCTP {
		return f
	}
	steps := make([]string, len(f.NextSteps))
	for i, step := range f.NextSteps {
		steps[i] = sctpSteps.Replace(step)
	}
	f.NextSteps = steps
	return f
}
