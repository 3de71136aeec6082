package rules

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/netsift/netsift/analyze/fact"
)

// verdict judges the three layers: failing if a finding at warning or above blames the layer, ok if traffic is seen to work
// through it, unknown otherwise.
func (s *scene) verdict(found []Finding, account Account) Verdict {
	v := Verdict{DNS: Unknown, Service: Unknown, CNI: Unknown, Account: account}
	for i := range s.Lookups {
		l := &s.Lookups[i]
		if o := l.Outcome; s.asksFor(l) && (o == fact.LookupAnswered || o == fact.LookupNoData || o == fact.LookupNXDomain) {
			v.DNS = OK
		}
	}
	for i := range s.Plain {
		if s.asksFor(&s.Plain[i]) {
			v.DNS = OK
		}
	}
	for i := range s.Reach {
		r := &s.Reach[i]
		if r.Outcome != fact.OK || !s.asksFor(r) {
			continue
		}
		if r.Service.IsValid() && r.Backend.IsValid() {
			v.Service = OK
		}
		if s.betweenPods(r) {
			v.CNI = OK
		}
	}
	var worst *Finding
	for i := range found {
		f := &found[i]
		if f.Severity < Warning {
			continue
		}
		if worst == nil {
			worst = f
		}
		switch f.Layer {
		case LayerDNS:
			v.DNS = Failing
		case LayerService:
			v.Service = Failing
		case LayerCNI:
			v.CNI = Failing
		}
	}
	account.doubt(&v)
	connections, lookups := s.extent()
	switch {
	case s.Part != nil && connections == 0 && lookups == 0 && s.Totals.Connections+s.Totals.Lookups > 0 && (worst == nil || worst.Layer == LayerCapture):
		all := count(s.Totals.Connections, "connection", "connections")
		if s.Totals.Lookups > 0 {
			all = extentText(s.Totals.Connections, s.Totals.Lookups)
		}
		v.Text = fmt.Sprintf("None of %s matches what was asked for.", all)
	case worst != nil:
		v.Layer = worst.Layer
		v.Text = upperFirst(worst.Title) + "."
	case s.Totals.Frames == 0:
		v.Layer = LayerCapture
		v.Text = "The capture holds no packets."
	case s.Totals.Connections == 0 && s.Totals.Lookups == 0:
		v.Text = "No connections and no name lookups are in the capture."
	case account.Unexplained > 0:
		v.Text = account.sentence(connections, lookups)
	case s.Part != nil:
		v.Text = fmt.Sprintf("Nothing wrong was found in %d of %s and %d of %s.", connections, count(s.Totals.Connections, "connection", "connections"),
			lookups, count(s.Totals.Lookups, "name lookup", "name lookups"))
	default:
		v.Text = fmt.Sprintf("Nothing wrong was found in %s.", extentText(connections, lookups))
	}
	v.Account.Open = account.Open[:min(len(account.Open), maxAffected)]
	return v
}

// Retitle has the verdict's text quote a finding by another title.
func (v *Verdict) Retitle(title, now string) {
	if title == now {
		return
	}
	quoted := upperFirst(title)
	if quoted != title { // it begins with a word, and not with an address that has become a name
		now = upperFirst(now)
	}
	v.Text = strings.Replace(v.Text, quoted, now, 1)
}

// upperFirst begins a sentence.
func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// betweenPods reports whether traffic ran between two pods.
func (s *scene) betweenPods(r *fact.Reach) bool {
	if len(r.Examples) > 0 && tunnelEnds(&r.Examples[0]) != nil {
		return true
	}
	return s.Role(r.Backend.Addr()) == fact.RolePod
}
