package filter

import (
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// Name is an object of the cluster that an expression asks for.
type Name struct {
	// Kind is Pod, Service, Namespace, Node, Deployment, StatefulSet or DaemonSet.
	Kind string
	// Namespace is "" for those of all namespaces, and for objects that are in none.
	Namespace, Name string
	// Column is where the name stands, in characters from 1.
	Column int
}

// String returns the name as an expression has it.
func (n Name) String() string {
	if n.Namespace == "" {
		return n.Name
	}
	return n.Namespace + "/" + n.Name
}

// objects are the words for kinds of objects, kubectl's short names among them.
var objects = map[string]string{
	"pod": "Pod", "po": "Pod", "pods": "Pod", "svc": "Service", "service": "Service", "services": "Service",
	"ns": "Namespace", "namespace": "Namespace", "namespaces": "Namespace", "node": "Node", "no": "Node", "nodes": "Node",
	"deploy": "Deployment", "deployment": "Deployment", "deployments": "Deployment",
	"sts": "StatefulSet", "statefulset": "StatefulSet", "statefulsets": "StatefulSet",
	"ds": "DaemonSet", "daemonset": "DaemonSet", "daemonsets": "DaemonSet",
}

// objectName reads NAME or NAMESPACE/NAME.
func (p *parser) objectName(x *primitive) error {
	n := Name{Kind: x.object, Name: p.word(), Column: p.words[p.at].column}
	if space, name, ok := strings.Cut(n.Name, "/"); ok {
		if n.Namespace, n.Name = space, name; n.Kind == "Node" || n.Kind == "Namespace" {
			return p.fail("a %s is in no namespace; write its name alone", n.Kind)
		}
		if !isObjectName(space) {
			return p.fail("a name expected, as NAME or NAMESPACE/NAME")
		}
	}
	if !isObjectName(n.Name) {
		return p.fail("a name expected, as NAME or NAMESPACE/NAME")
	}
	x.name = n
	p.names = append(p.names, n)
	p.at++
	return nil
}

// isObjectName reports whether a word can be an object's name: a DNS subdomain (RFC 1123), as most objects' have to be.
func isObjectName(w string) bool {
	return w != "" && len(w) <= 253 && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" && w[0] != '-' && w[0] != '.'
}

// names reports whether one of the objects is the one that is meant, or belongs to it. The client is the source, all others are
// destinations.
func (p *primitive) names(o *fact.Objects) bool {
	if o == nil {
		return false
	}
	return p.side.holds(p.name.is(o.Client), p.name.is(o.Service) || p.name.is(o.Backend) || p.name.is(o.Server))
}

// is reports whether o is the object that is meant, or belongs to it.
func (n *Name) is(o *fact.Object) bool {
	switch {
	case o == nil:
		return false
	case n.Kind == "Namespace":
		return o.Namespace == n.Name
	case n.Kind == "Node":
		return o.Kind == n.Kind && o.Name == n.Name || o.Node == n.Name
	case n.Namespace != "" && o.Namespace != n.Namespace:
		return false
	case n.Kind == "Pod" || n.Kind == "Service":
		return o.Kind == n.Kind && o.Name == n.Name
	}
	return o.Owner == n.Kind+"/"+n.Name
}
