package lookup

// Live returns the number of clients' lookups that have not ended.
func (t *Tracker) Live() int { return t.waiting.n + t.settled.n }
