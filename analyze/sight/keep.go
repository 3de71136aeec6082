package sight

// Keeper returns a table for legs of t to be kept in. It finds none.
func (t *Table) Keeper() *Table { return &Table{seed: t.seed} }

// Keep copies a leg from another table, with its views and what went wrong in them, and returns its id.
func (t *Table) Keep(id LegID, from *Table) LegID {
	n := t.legs.Add()
	leg := t.legs.At(n)
	*leg = *from.Leg(id)
	for next := &leg.Views; *next != 0; {
		v := t.views.Add()
		view := t.views.At(v)
		*view = *from.View(*next)
		if view.trouble != 0 {
			x := t.troubles.Add()
			*t.troubles.At(x) = *from.troubles.At(view.trouble)
			view.trouble = x
		}
		*next, next = ViewID(v), &view.Link
	}
	return LegID(n)
}

// Clear forgets the legs that t keeps, and their views.
func (t *Table) Clear() {
	t.legs.Clear()
	t.views.Clear()
	t.troubles.Clear()
}
