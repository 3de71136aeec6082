package rules

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// TestNamesAreFilled holds that names of a snapshot are filled in once they are known, and only what a shell and kubectl take as a name.
func TestNamesAreFilled(t *testing.T) {
	const why = "   # why"
	steps := []string{
		"kubectl get svc -A   # " + asksName, "kubectl get svc -n {service-namespace} {service-name}" + why, "kubectl exec -n {client-pod} -- true" + why,
		debugBackend + "true" + why,
	}
	debug := func(pod, container string) string {
		return "kubectl debug -it -n " + pod + " --image=nicolaka/netshoot --target=" + container + " -- true" + why
	}
	open := []string{
		steps[0], "kubectl get svc -n NAMESPACE NAME" + why, "kubectl exec -n NAMESPACE POD -- true" + why, debug("NAMESPACE POD", "CONTAINER"),
	}
	for _, c := range []struct {
		name    string
		objects *fact.Objects
		want    []string
	}{
		{"no snapshot", nil, open},
		{"all", &fact.Objects{
			Client:  &fact.Object{Kind: "Pod", Namespace: "shop", Name: "cart-0"},
			Service: &fact.Object{Kind: "Service", Namespace: "default", Name: "web"},
			Backend: &fact.Object{Kind: "Pod", Namespace: "default", Name: "web-7d9c.x2", Container: "main"},
		}, []string{
			"kubectl get svc -n default web" + why, "kubectl exec -n shop cart-0 -- true" + why, debug("default web-7d9c.x2", "main"),
		}},
		{"no pods", &fact.Objects{
			Client:  &fact.Object{Kind: "Node", Name: "node1"},
			Service: &fact.Object{Kind: "Node", Name: "node1"},
			Backend: &fact.Object{Kind: "Service", Namespace: "default", Name: "web"},
		}, open},
		{"hostile", &fact.Objects{
			Client:  &fact.Object{Kind: "Pod", Namespace: "shop", Name: "$(reboot)"},
			Service: &fact.Object{Kind: "Service", Namespace: "-n", Name: "web"},
			Backend: &fact.Object{Kind: "Pod", Namespace: "default; reboot", Name: "web", Container: "a b"},
		}, open},
		{"a hostile container", &fact.Objects{
			Backend: &fact.Object{Kind: "Pod", Namespace: "default", Name: "web", Container: "`a`"},
		}, []string{open[0], open[1], open[2], debug("default web", "CONTAINER")}},
	} {
		f := Finding{NextSteps: steps, Place: Place{Client: netip.MustParseAddr("10.244.1.5")}}.fill()
		if !slices.Equal(f.NextSteps, open) {
			t.Fatalf("without names: %q", f.NextSteps)
		}
		f.Objects = c.objects
		f.FillNames()
		if !slices.Equal(f.NextSteps, c.want) {
			t.Errorf("%s: %q, want %q", c.name, f.NextSteps, c.want)
		}
	}
	own := Finding{NextSteps: []string{"{client-pod} of a user's own rule"}, Objects: &fact.Objects{}}
	if own.FillNames(); own.NextSteps[0] != "{client-pod} of a user's own rule" {
		t.Errorf("a step of a rule that fills none: %q", own.NextSteps)
	}
}

// TestSteps: what the catalogue shows of a step has no placeholder of an object, and those of a finding's places as they are.
func TestSteps(t *testing.T) {
	for _, r := range Catalogue() {
		for _, s := range r.Steps() {
			for _, p := range []string{"-pod}", "-container}", "{service-name", "{service-namespace"} {
				if strings.Contains(s, p) {
					t.Errorf("%s: %q", r.ID, s)
				}
			}
		}
	}
}
