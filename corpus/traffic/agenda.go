package traffic

// actor sends packets, one after the other.
type actor interface {
	// step shows what is due, and returns who goes on, and after how long in nanoseconds; nil for nobody.
	step(*generator) (actor, int64)
}

// entry is an actor and its next time.
type entry struct {
	at    int64
	actor actor
}

// agenda holds the actors by their next times: a heap, the earliest first.
type agenda []entry

// add puts an actor on the agenda.
func (a *agenda) add(e entry) {
	*a = append(*a, e)
	h := *a
	i := len(h) - 1
	for i > 0 && e.at < h[(i-1)/2].at {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = e
}

// replace puts another entry in the place of the earliest.
func (a agenda) replace(e entry) {
	i := 0
	for {
		child := 2*i + 1
		if child >= len(a) {
			break
		}
		if child+1 < len(a) && a[child+1].at < a[child].at {
			child++
		}
		if e.at <= a[child].at {
			break
		}
		a[i] = a[child]
		i = child
	}
	a[i] = e
}

// drop removes the earliest.
func (a *agenda) drop() {
	last := len(*a) - 1
	e := (*a)[last]
	(*a)[last] = entry{}
	if *a = (*a)[:last]; last > 0 {
		a.replace(e)
	}
}
