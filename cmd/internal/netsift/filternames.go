package netsift

import (
	"path"
	"strings"

	"github.com/netsift/netsift/analyze/filter"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules/spelling"
)

// checkNames fails where a filter asks for an object that no snapshot has.
func (l *line) checkNames(f filter.Filter, q *request) {
	if l.err != nil {
		return
	}
	for _, n := range f.Names() {
		if q.known == nil {
			l.failf("--filter, at column %d, %q: names are those of a snapshot; give it with --cluster PATH", n.Column, n)
			return
		}
		if list := q.known.Snapshot().Listing(n.Kind); !has(list, n) {
			l.failf("--filter, at column %d, %q: the snapshot has no %s of that name%s", n.Column, n, n.Kind, nearest(list, n))
			return
		}
	}
}

// has reports whether a name is in a listing.
func has(list []string, n filter.Name) bool {
	for _, s := range list {
		if s == n.String() || n.Namespace == "" && path.Base(s) == n.Name {
			return true
		}
	}
	return false
}

// maxNear bounds how far the name that is nearest may be from one that is written.
const maxNear = 100

// nearest names the nearest in a listing, "" where it has none. The same name in another namespace is nearer than any slip of a finger, and so
// is one that begins with it, as a pod's does with its Deployment's.
func nearest(list []string, n filter.Name) string {
	best, least := "", maxNear
	for _, s := range list {
		space, base := path.Split(s)
		distance := 0
		switch {
		case base == n.Name:
		case n.Namespace == "" || n.Namespace+"/" == space:
			if distance = 1; !strings.HasPrefix(base, n.Name+"-") {
				distance = 1 + spelling.Slips(n.Name, base, least)
			}
		default:
			distance = 1 + spelling.Slips(n.String(), s, least)
		}
		if distance < least {
			best, least = s, distance
		}
	}
	if best == "" {
		return ""
	}
	return "; the nearest is " + report.Clean(best)
}
