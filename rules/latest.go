package rules

// latest keeps the latest time that was seen of anything, and the latest one of anything else.
type latest[K comparable] struct {
	first, second struct {
		of K
		at int64
		ok bool
	}
}

// see enters a time.
func (l *latest[K]) see(of K, at int64) {
	switch {
	case l.first.ok && l.first.of == of:
		l.first.at = max(l.first.at, at)
	case !l.first.ok || at > l.first.at:
		l.second = l.first
		l.first.of, l.first.at, l.first.ok = of, at, true
	case !l.second.ok || at > l.second.at:
		l.second.of, l.second.at, l.second.ok = of, at, true
	}
}

// any returns the latest time, false without one.
func (l *latest[K]) any() (int64, bool) {
	if l == nil {
		return 0, false
	}
	return l.first.at, l.first.ok
}

// besides returns the latest time of what is not of, false without one.
func (l *latest[K]) besides(of K) (int64, bool) {
	if l == nil {
		return 0, false
	}
	if l.first.ok && l.first.of == of {
		return l.second.at, l.second.ok
	}
	return l.first.at, l.first.ok
}
