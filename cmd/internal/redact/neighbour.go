package redact

import (
	"encoding/binary"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

func (r *Redaction) neighbour(x fact.Neighbour) fact.Neighbour {
	x.Addr, x.Node = r.Addr(x.Addr), r.node(x.Node)
	x.Askers = each(x.Askers, func(a fact.Asker) fact.Asker {
		a.Addr = r.Addr(a.Addr)
		a.Run.Marks = slices.Clone(a.Run.Marks)
		return a
	})
	x.Claimants = each(x.Claimants, func(c fact.Claimant) fact.Claimant {
		c.MAC, c.Places = r.mac(c.MAC), slices.Clone(c.Places)
		return c
	})
	x.Turns = each(x.Turns, func(c fact.Claim) fact.Claim {
		c.MAC = r.mac(c.MAC)
		return c
	})
	return x
}

func (r *Redaction) mac(m fact.MAC) fact.MAC {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(m))
	mac := r.key.MAC([6]byte(b[2:]))
	copy(b[2:], mac[:])
	return fact.MAC(binary.BigEndian.Uint64(b[:]))
}
