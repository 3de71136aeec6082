package netsift

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
)

// maxShown bounds the bytes of the frames that are kept at once.
const maxShown = 64 << 20

// lookout looks out for frames while captures are analyzed, and for what they belong to.
type lookout struct {
	want   *framesWanted
	labels []string
	// frames are those that came by, size their bytes; of more than maxShown none are kept.
	frames []*looked
	size   int
	// latest is the sighting of the frame that comes next, if there is one, and nth its ordinal among those of its packet.
	latest    join.Sighting
	nth       int
	isLatest  bool
	sightings ordinals
	// connections are those that the frames belong to, by id; nil as long as one has not ended.
	connections map[string]*fact.Connection
	// quotes are the connections about whose packets a frame is an ICMP error, parts what frames are of lookups.
	quotes map[fact.Ref]*fact.Connection
	parts  map[fact.Ref]*lookupPart
}

// looked is a frame that is wanted, with what is known of it when it comes by.
type looked struct {
	frameHead
	dir  decode.Direction
	stop string
	data []byte
	// sighting is nil where it is none of a connection; ordinal is as in ordinals.
	sighting *join.Sighting
	ordinal  int
}

func newLookout(want *framesWanted, labels []string) *lookout {
	return &lookout{
		want: want, labels: labels, sightings: newOrdinals(), connections: map[string]*fact.Connection{}, quotes: map[fact.Ref]*fact.Connection{},
		parts: map[fact.Ref]*lookupPart{},
	}
}

// watch has an analysis tell of what passes.
func (l *lookout) watch(cfg analyze.Config) analyze.Config {
	cfg.WatchAll, cfg.Sighting, cfg.Frame, cfg.Connection, cfg.Lookup = true, l.sighting, l.frame, l.connection, l.lookup
	return cfg
}

func (l *lookout) sighting(s *join.Sighting) {
	l.latest, l.nth, l.isLatest = *s, l.sightings.count(s), true
}

func (l *lookout) frame(f *analyze.Frame, _ bool) {
	sighted := l.isLatest
	l.isLatest = false
	ref := fact.Ref{Capture: f.Capture, Frame: f.Number}
	if !l.want.has(ref) {
		return
	}
	x := &looked{frameHead: headOf(f), dir: f.Packet.Direction, stop: f.Packet.Stop.String()}
	if l.size += len(f.Data); l.size <= maxShown {
		x.data = bytes.Clone(f.Data)
	}
	if sighted {
		s, p := l.latest, *f.Packet
		s.Packet, s.Encaps = &p, slices.Clone(s.Encaps)
		x.sighting, x.ordinal = &s, l.nth
		l.connections[analyze.ID(l.labels, s.Born)] = nil
	}
	l.frames = append(l.frames, x)
}

func (l *lookout) connection(c *fact.Connection) {
	if _, wanted := l.connections[c.ID]; wanted {
		l.connections[c.ID] = c
	}
	for i := range c.Errors {
		if ref := c.Errors[i].Ref; l.want.seen[ref] {
			l.quotes[ref] = c
		}
	}
}

// lookupPart is a message of a lookup: which one, and of which question.
type lookupPart struct {
	lookup           *fact.Lookup
	what             string
	candidate, query int
}

func (l *lookout) lookup(x *fact.Lookup) {
	for i := range x.Candidates {
		for k := range x.Candidates[i].Queries {
			q := &x.Candidates[i].Queries[k]
			for _, m := range []struct {
				what string
				ref  fact.Ref
			}{
				{"the query", q.QueryRef},
				{"the query, sent again,", q.ResendRef},
				{"the answer to the query", q.AnswerRef},
				{"an ICMP error instead of an answer to the query", q.ErrorRef},
			} {
				if l.want.seen[m.ref] {
					l.parts[m.ref] = &lookupPart{x, m.what, i, k}
				}
			}
		}
	}
}

// text says it in words; shown is the lookup as it may be shown.
func (p *lookupPart) text(shown *fact.Lookup) string {
	c := &shown.Candidates[p.candidate]
	q := &c.Queries[p.query]
	return fmt.Sprintf("%s for %s of %s to %s, in the lookup of %s by %s: %s", p.what, q.Type, c.QName, report.AddrPort(q.Server), shown.Name,
		report.Addr(shown.Client), shown.Outcome)
}

// inOrder returns the frames in the order in which they are wanted, and of a range in that of the file.
func (l *lookout) inOrder() []*looked {
	slices.SortStableFunc(l.frames, func(a, b *looked) int {
		return cmp.Or(cmp.Compare(l.want.place[a.ref], l.want.place[b.ref]), cmp.Compare(a.ref.Frame, b.ref.Frame))
	})
	return l.frames
}
