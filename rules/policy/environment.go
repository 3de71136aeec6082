package policy

import (
	"math"
	"net/netip"
	"time"
)

// The values that expressions see. Their names and types are the documented interface of user rules (docs/policy.md lists
// them, and a test holds that list against these structs); the names are those of the JSON output.
//
// A number that isn't known is NaN, which compares false with everything: a rule never fires on a value that was not seen.

// endpoint is an address with its port.
type endpoint struct {
	// IP is "" if there is none.
	IP string `expr:"ip"`
	// Port is 0 if there is none.
	Port int `expr:"port"`
	// Known is set if there is one.
	Known bool `expr:"known"`

	addr netip.AddrPort
}

func newEndpoint(a netip.AddrPort) endpoint {
	if !a.Addr().IsValid() {
		return endpoint{}
	}
	return endpoint{a.Addr().String(), int(a.Port()), true, a}
}

func newHost(a netip.Addr) endpoint { return newEndpoint(netip.AddrPortFrom(a, 0)) }

// String returns it as output has it: with its port, if there is one.
func (e endpoint) String() string {
	switch {
	case !e.Known:
		return ""
	case e.Port == 0:
		return e.IP
	}
	return e.addr.String()
}

// millis returns nanoseconds as milliseconds; a negative value isn't known.
func millis(ns int64) float64 {
	if ns < 0 {
		return math.NaN()
	}
	return float64(ns) / 1e6
}

// seconds returns the seconds between two times, NaN unless both are known.
func seconds(from, to int64) float64 {
	if from == 0 || to == 0 {
		return math.NaN()
	}
	return float64(to-from) / 1e9
}

// clock returns a time as text.
func clock(ns int64) string {
	if ns == 0 {
		return ""
	}
	return time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.000000Z")
}
