package json

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// Unexplained is connections, or lookups, of one place that failed alike or were late, and that no finding covers.
type Unexplained struct {
	// Client, Service and Backend as in a finding; Server is that of lookups.
	Client  *string `json:"client"`
	Service *string `json:"service"`
	Backend *string `json:"backend"`
	Server  *string `json:"server"`
	// Outcome is that of the connections. Late says that they, or the lookups, went well after a resend; ByClient that the client itself
	// reset them before its exchange was over.
	Outcome  string `json:"outcome"`
	Late     bool   `json:"late"`
	ByClient bool   `json:"by_client"`
	Count    uint64 `json:"count"`
	// Where is the place at which the packets of the first of them vanish, null where the captures can't tell.
	Where *Where `json:"where"`
	// Hint says what would tell more where Where is null, null where nothing comes to mind.
	Hint *string `json:"hint"`
	// Evidence are frames of the first of them, at most 20; Connections the ids of connections, at most 100.
	Evidence    []Evidence `json:"evidence"`
	Connections []string   `json:"connections"`
	// Objects are those of the place, null without a snapshot of the cluster.
	Objects *Objects `json:"objects"`
}

func newUnexplained(u *rules.Unexplained, captures []fact.Capture) Unexplained {
	p := newPlace(u.Place)
	return Unexplained{
		Client: p.Client, Service: p.Service, Backend: p.Backend, Server: p.Server,
		Outcome: u.Outcome.String(), Late: u.Late, ByClient: u.ByClient, Count: u.Count, Where: newWhere(u.Where), Hint: text(u.Hint),
		Evidence:    each(u.Evidence, func(e *rules.Evidence) Evidence { return newEvidence(e, captures) }),
		Connections: orEmpty(u.Connections), Objects: newObjects(u.Objects),
	}
}

// Where is the place at which packets vanish: between two views of one node.
type Where struct {
	// After is the last view that shows them, Before the first that should and does not.
	After  Viewpoint `json:"after"`
	Before Viewpoint `json:"before"`
	// Packets counts those that vanish there, Of all that were sent in that direction.
	Packets uint64 `json:"packets"`
	Of      uint64 `json:"of"`
	// Sizes are the lengths of the smallest and the largest of the lost IP packets, null where they are not known.
	Sizes []uint32 `json:"sizes"`
}

// Viewpoint is an interface of a node and a direction on it.
type Viewpoint struct {
	Node      string    `json:"node"`
	Interface Interface `json:"interface"`
	// Direction is in or out, null where the capture does not say it.
	Direction *string `json:"direction"`
	// Object is the pod behind the interface, null without a snapshot of the cluster.
	Object *Object `json:"object"`
}

func newWhere(w *fact.Where) *Where {
	if w == nil {
		return nil
	}
	x := &Where{After: newViewpoint(&w.After), Before: newViewpoint(&w.Before), Packets: w.Packets, Of: w.Of}
	if w.Largest > 0 {
		x.Sizes = []uint32{w.Smallest, w.Largest}
	}
	return x
}

func newViewpoint(v *fact.Viewpoint) Viewpoint {
	return Viewpoint{v.Node, newInterface(&fact.View{Interface: v.Interface, Name: v.Name, Role: v.Role}), text(report.Way(v.Dir)), newObject(v.Role.Object)}
}
