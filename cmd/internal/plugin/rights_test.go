package plugin

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// TestRights: the rights in docs/kubectl.md are those that are checked and used, no more and no fewer.
func TestRights(t *testing.T) {
	page, err := os.ReadFile("../../../docs/kubectl.md")
	if err != nil {
		t.Fatal(err)
	}
	granted := map[string][]string{}
	var configs []string
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(page, -1) {
		var role rbacv1.ClusterRole
		if err := yaml.UnmarshalStrict(m[1], &role); err != nil {
			t.Fatal(err)
		}
		for _, r := range role.Rules {
			configs = append(configs, r.ResourceNames...)
			for _, group := range r.APIGroups {
				for _, resource := range r.Resources {
					for _, verb := range r.Verbs {
						p := permission{verb: verb, group: group, resource: resource}
						granted[role.Kind] = append(granted[role.Kind], p.String())
					}
				}
			}
		}
	}
	var capture []string
	for _, p := range capturing {
		capture = append(capture, p.String())
	}
	// What targets are looked up by, beside what a snapshot lists.
	snapshot := []string{
		"get pods", "get services", "get nodes", "get namespaces", "get deployments.apps", "get replicasets.apps", "get statefulsets.apps", "get daemonsets.apps",
		"get jobs.batch", "get configmaps",
	}
	for _, k := range snapshotKinds {
		snapshot = append(snapshot, permission{verb: "list", group: k.Group, resource: k.Resource}.String())
	}
	var names []string
	for _, c := range snapshotConfigs {
		names = append(names, c.name)
	}
	for _, list := range []*[]string{&capture, &snapshot, &names, &configs} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	for _, list := range granted {
		slices.Sort(list)
	}
	if d := cmp.Diff(map[string][]string{"Role": capture, "ClusterRole": snapshot}, granted); d != "" {
		t.Errorf("-used +granted\n%s", d)
	}
	if d := cmp.Diff(names, configs); d != "" {
		t.Errorf("ConfigMaps: -used +granted\n%s", d)
	}
}
