package life

import "github.com/netsift/netsift/analyze/fact"

// Ended is a connection that is over, or looked at as if it were, as its packets left it. It is valid until its owner forgets the connection.
type Ended struct {
	*State
	ID ID
	// Now is when it was given up: the time up to which the input goes.
	Now int64
	// Reused and Older are those of fact.Connection.
	Reused int64
	Older  bool
	// Young says that the input goes on.
	Young bool
	lives *Lives
}

// End returns a connection that is over by now.
func (ls *Lives) End(id ID, c *State, now int64) Ended {
	return Ended{State: c, ID: id, Now: now, lives: ls}
}

// First is the frame that it was first seen in.
func (e *Ended) First() fact.Ref { return ref(e.Capture, e.Frame) }

// Conclude sets f to what is known of it, but for its ID. The memory of f's legs and marks is used again.
func (e *Ended) Conclude(f *fact.Connection) {
	e.lives.Conclude(e.ID, e.State, f, e.Now, e.Young)
	f.Reused, f.Older = e.Reused, e.Older
}

// Outline sets o to its outline, and reports whether there is one.
func (e *Ended) Outline(o *Outline) bool {
	return e.Reused == 0 && !e.Older && e.lives.Outline(e.ID, e.State, o)
}

// Keeper keeps connections that are over when their owner has forgotten them, to be concluded at another time and by another goroutine.
type Keeper struct{ lives *Lives }

// Keeper returns a Keeper of connections that were followed by ls.
func (ls *Lives) Keeper() *Keeper {
	k := New(ls.sources, ls.stacks, ls.table.Keeper(), Sinks{})
	k.seed = ls.seed
	return &Keeper{k}
}

// Keep copies a connection to c, and returns it as it is there, valid until Clear. It reports false of one that has something beside its
// state, which is not copied.
func (k *Keeper) Keep(e *Ended, c *State) (Ended, bool) {
	if e.lives.beside(e.ID) {
		return Ended{}, false
	}
	*c = *e.State
	for i, l := range c.Legs() {
		c.legs[i] = k.lives.table.Keep(l, e.lives.table)
	}
	kept := *e
	kept.State, kept.ID, kept.lives = c, 0, k.lives
	return kept, true
}

// Clear lets go of all connections.
func (k *Keeper) Clear() { k.lives.table.Clear() }

// Release lets go of all connections and gives their memory back.
func (k *Keeper) Release() { k.lives.table.Release() }
