package decode

import (
	"sync"
	"sync/atomic"

	"github.com/netsift/netsift/decode/wire"
)

// Encap is one encapsulation of a packet. The source port of a UDP tunnel is left out: it differs by inner flow and direction.
type Encap struct {
	Src, Dst wire.Addr
	// VNI is the virtual network identifier or the GRE key; 0 where there is none.
	VNI  uint32
	Kind EncapKind
	// Port is the destination port of a kind that UDP carries, else 0.
	Port uint16
}

// MaxDepth is how many encapsulations are unwrapped; a deeper packet stops with StopDepth.
const MaxDepth = 8

// StackID names a distinct stack of encapsulations within one Stacks; 0 is the empty stack.
type StackID uint32

// Stacks interns stacks of encapsulations, so that a Packet carries a small number instead of up to MaxDepth headers.
// One Stacks may be shared by several decoders.
type Stacks struct {
	mu   sync.Mutex
	ids  map[stackKey]StackID
	list atomic.Pointer[[]Stack]
}

type stackKey struct {
	n int
	e [MaxDepth]Encap
}

// Stack is one interned stack.
type Stack struct {
	// Encaps lists the encapsulations, outermost first.
	Encaps []Encap
	// Tunnel is the same for a stack and its mirror image (source and destination exchanged at each level, without a VNI
	// or key that may differ by direction), so that both directions of a conversation share it.
	Tunnel StackID
}

// maxStacks bounds what a hostile capture with random outer addresses can make us keep: about 10 MB.
const maxStacks = 1 << 16

// NewStacks returns an empty table.
func NewStacks() *Stacks {
	s := &Stacks{ids: map[stackKey]StackID{}}
	list := make([]Stack, 1, 16)
	s.list.Store(&list)
	return s
}

// Get returns the stack named id; the empty one for 0.
func (s *Stacks) Get(id StackID) Stack { return (*s.list.Load())[id] }

// Tunnel returns the Tunnel of the stack named id; 0 for 0.
func (s *Stacks) Tunnel(id StackID) StackID {
	if id == 0 {
		return 0
	}
	return s.Get(id).Tunnel
}

// Intern returns the id of the stack e[:n]. When the table is full, further stacks get id 0:
// their packets are read as if they had come without encapsulation.
func (s *Stacks) Intern(e *[MaxDepth]Encap, n int) StackID {
	if n == 0 {
		return 0
	}
	key := stackKey{n: n}
	copy(key.e[:n], e[:n])
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.intern(key)
}

func (s *Stacks) intern(key stackKey) StackID {
	if id, ok := s.ids[key]; ok {
		return id
	}
	mirror := key
	for i := range key.n {
		e := &mirror.e[i]
		if encapsulations[e.Kind].id != sharedID {
			e.VNI = 0
		}
		if e.Dst.Less(e.Src) {
			e.Src, e.Dst = e.Dst, e.Src
		}
	}
	var tunnel StackID
	if mirror != key {
		if tunnel = s.intern(mirror); tunnel == 0 {
			return 0
		}
	}
	list := *s.list.Load()
	if len(list) >= maxStacks {
		return 0
	}
	id := StackID(len(list))
	if tunnel == 0 {
		tunnel = id
	}
	s.ids[key] = id
	// Readers hold the old slice header, so appending in place is safe.
	list = append(list, Stack{Encaps: append([]Encap(nil), key.e[:key.n]...), Tunnel: tunnel})
	s.list.Store(&list)
	return id
}
