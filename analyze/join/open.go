package join

import "github.com/netsift/netsift/analyze/fact"

// Live returns the number of connections that have not ended.
func (j *Joiner) Live() int { return j.conns.Len() }

// Open hands on each connection that has not ended, as it would be if the input ended at the time now. It changes nothing, so what
// only the ends of other connections teach (Services, roles of interfaces) may not be known yet.
func (j *Joiner) Open(now int64, emit func(*fact.Connection)) {
	before := j.now
	j.now, j.peeking = max(now, before), true
	for k := range j.lists {
		for id := j.lists[k].oldest; id != 0; id = j.conn(id).newer {
			f := &fact.Connection{}
			j.fact(id, f)
			emit(f)
		}
	}
	j.now, j.peeking = before, false
}
