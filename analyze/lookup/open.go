package lookup

// Live returns the number of clients' lookups that have not ended.
func (t *Tracker) Live() int { return t.lists[waiting].n + t.lists[settled].n }

// Evicted returns the number of lookups that were given up for want of room.
func (t *Tracker) Evicted() uint64 { return t.totals.evicted }
