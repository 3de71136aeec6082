package snapshot

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestPolicyTypes holds what a policy is about to the API's definition (networking/v1, NetworkPolicySpec.policyTypes): where it does not say, about
// ingress, and about egress if it has rules for that.
func TestPolicyTypes(t *testing.T) {
	for spec, want := range map[string][2]bool{
		`{"podSelector": {}}`:                                                       {true, false},
		`{"podSelector": {}, "ingress": [{}]}`:                                      {true, false},
		`{"podSelector": {}, "egress": [{}]}`:                                       {true, true},
		`{"podSelector": {}, "egress": []}`:                                         {true, false},
		`{"podSelector": {}, "policyTypes": ["Ingress"], "egress": [{}]}`:           {true, false},
		`{"podSelector": {}, "policyTypes": ["Egress"]}`:                            {false, true},
		`{"podSelector": {}, "policyTypes": ["Egress"], "ingress": [{}]}`:           {false, true},
		`{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}`:                 {true, true},
		`{"podSelector": {}, "policyTypes": [], "egress": [{"ports": [{}]}]}`:       {true, true},
		`{"podSelector": {}, "policyTypes": null, "ingress": null, "egress": null}`: {true, false},
	} {
		text := fmt.Sprintf(`{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p", "namespace": "shop"}, "spec": %s}`, spec)
		s := Read([]File{{Name: "f", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}})
		if len(s.Policies) != 1 {
			t.Errorf("%s: %q", spec, s.Warnings)
			continue
		}
		if p := &s.Policies[0]; p.Ingress != want[0] || p.Egress != want[1] {
			t.Errorf("%s: about ingress %v, egress %v", spec, p.Ingress, p.Egress)
		}
	}
}
