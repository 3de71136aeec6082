package fact

// Outages are times of which a capture has nothing, because it ended and was begun anew. What had no answer when one began may have had it then.
// The zero value has none.
type Outages struct {
	begins [maxOutages]int64
	n      int
}

// maxOutages is how many are remembered, the latest.
const maxOutages = 64

// Add adds an outage by when it began, in Unix nanoseconds. They come in the order of time.
func (o *Outages) Add(began int64) {
	o.begins[o.n%maxOutages] = began
	o.n++
}

// Until returns up to when what followed the time t was captured: to the next outage, or to now.
func (o *Outages) Until(t, now int64) int64 {
	for _, began := range o.begins[:min(o.n, maxOutages)] {
		if began >= t {
			now = min(now, began)
		}
	}
	return now
}
