package rules

import (
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// objectName returns what a placeholder for an object's name stands for: what has to be filled in by hand where it is not known.
func (f *Finding) objectName(placeholder string) string {
	var o fact.Objects
	if f.Objects != nil {
		o = *f.Objects
	}
	switch placeholder {
	case "client-pod":
		return podName(o.Client)
	case "client-container":
		return containerName(o.Client)
	case "backend-pod":
		return podName(o.Backend)
	case "backend-container":
		return containerName(o.Backend)
	}
	s := f.namedService()
	switch {
	case s != nil && placeholder == "service-namespace":
		return s.Namespace
	case s != nil:
		return s.Name
	case placeholder == "service-namespace":
		return "NAMESPACE"
	}
	return "NAME"
}

// namedService returns the Service that a finding is about, nil where it has no name that a shell takes as it is.
func (f *Finding) namedService() *fact.Object {
	if f.Objects == nil {
		return nil
	}
	if s := f.Objects.Service; s != nil && s.Kind == "Service" && isName(s.Namespace) && isName(s.Name) {
		return s
	}
	return nil
}

// podName returns a pod's namespace and name, as two words of a command.
func podName(o *fact.Object) string {
	if o != nil && o.Kind == "Pod" && isName(o.Namespace) && isName(o.Name) {
		return o.Namespace + " " + o.Name
	}
	return "NAMESPACE POD"
}

func containerName(o *fact.Object) string {
	if o != nil && o.Kind == "Pod" && isName(o.Container) {
		return o.Container
	}
	return "CONTAINER"
}

// isName reports whether a text can be an object's name: a DNS subdomain (RFC 1123), which is one word in any shell, and no flag.
func isName(s string) bool {
	return s != "" && len(s) <= 253 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" && s[0] != '-' && s[0] != '.'
}

// byHand has what is to be filled in for the objects of a finding that is not there yet.
var byHand = strings.NewReplacer("{client-pod}", "NAMESPACE POD", "{backend-pod}", "NAMESPACE POD", "{client-container}", "CONTAINER",
	"{backend-container}", "CONTAINER", "{service-namespace}", "NAMESPACE", "{service-name}", "NAME")

// Steps returns the rule's next steps, with the names of objects to be filled in by hand.
func (r *Rule) Steps() []string {
	var list []string
	for _, s := range r.NextSteps {
		list = append(list, byHand.Replace(s))
	}
	return list
}
