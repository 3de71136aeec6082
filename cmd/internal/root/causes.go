package root

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
)

// Causes tells the causes of findings. What many findings ask for is looked up by name.
type Causes struct {
	facts *fact.Facts
	names *snapshot.Names
	// snapshot is nil where packets show that it is of another cluster.
	snapshot *snapshot.Snapshot
	// pods, services and policies are those of a namespace, slices those of a Service, labels those of a namespace that the snapshot has.
	pods     map[string][]*snapshot.Pod
	services map[string][]*snapshot.Service
	policies map[string][]*snapshot.NetworkPolicy
	slices   map[named][]*snapshot.EndpointSlice
	labels   map[string]map[string]string
}

// named is the name of an object.
type named struct{ namespace, name string }

// New returns the causes that a snapshot tells of findings on facts. The names must have been held against the facts.
func New(facts *fact.Facts, names *snapshot.Names) *Causes {
	s := names.Snapshot()
	c := &Causes{
		facts: facts, names: names, snapshot: s, pods: map[string][]*snapshot.Pod{}, services: map[string][]*snapshot.Service{},
		policies: map[string][]*snapshot.NetworkPolicy{}, slices: map[named][]*snapshot.EndpointSlice{}, labels: map[string]map[string]string{},
	}
	if s == nil {
		return c
	}
	for i := range s.Pods {
		p := &s.Pods[i]
		c.pods[p.Namespace] = append(c.pods[p.Namespace], p)
	}
	for i := range s.Services {
		x := &s.Services[i]
		c.services[x.Namespace] = append(c.services[x.Namespace], x)
	}
	for i := range s.Policies {
		p := &s.Policies[i]
		c.policies[p.Namespace] = append(c.policies[p.Namespace], p)
	}
	for i := range s.Slices {
		x := &s.Slices[i]
		of := named{x.Namespace, x.Service}
		c.slices[of] = append(c.slices[of], x)
	}
	for i := range s.Namespaces {
		c.labels[s.Namespaces[i].Name] = s.Namespaces[i].Labels
	}
	return c
}
