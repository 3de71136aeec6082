package snapshot

import "strings"

// templateLabel is what a Deployment adds to its ReplicaSets, and to their names (apps/v1, DefaultDeploymentUniqueLabelKey).
const templateLabel = "pod-template-hash"

// findMakers tells what made each pod in the end: of a ReplicaSet's the Deployment.
func (s *Snapshot) findMakers() {
	sets := map[objectName]*Workload{}
	for i := range s.Workloads {
		if w := &s.Workloads[i]; w.Kind == "ReplicaSet" {
			sets[objectName{w.Kind, w.Namespace, w.Name}] = w
		}
	}
	for i := range s.Pods {
		p := &s.Pods[i]
		p.Maker = p.Owner
		if p.Owner.Kind != "ReplicaSet" {
			continue
		}
		set := sets[objectName{p.Owner.Kind, p.Namespace, p.Owner.Name}]
		hash := p.Labels[templateLabel]
		if set != nil && set.Owner.Name != "" {
			p.Maker = set.Owner
		} else if name, ok := strings.CutSuffix(p.Owner.Name, "-"+hash); set == nil && ok && hash != "" {
			p.Maker = Owner{"Deployment", name}
		}
	}
}

// String returns the owner as kind and name, "" for none.
func (o Owner) String() string {
	if o.Name == "" {
		return ""
	}
	return o.Kind + "/" + o.Name
}
