package lookup

// Live returns the number of clients' lookups that have not ended.
func (t *Tracker) Live() int { return t.lists[waiting].n + t.lists[settled].n }
