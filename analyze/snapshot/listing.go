package snapshot

import "slices"

// Listing returns the names of a kind's objects as NAMESPACE/NAME, or as NAME where it is in none, sorted. It has those, too, that only other
// objects speak of: pods of EndpointSlices, namespaces that something is in, what made a pod.
func (s *Snapshot) Listing(kind string) []string {
	var list []string
	add := func(namespace, name string) {
		if namespace != "" {
			name = namespace + "/" + name
		}
		list = append(list, name)
	}
	switch kind {
	case "Pod":
		for i := range s.Pods {
			add(s.Pods[i].Namespace, s.Pods[i].Name)
		}
		for i := range s.Slices {
			for _, e := range s.Slices[i].Endpoints {
				if e.Pod != "" {
					add(s.Slices[i].Namespace, e.Pod)
				}
			}
		}
	case "Service":
		for i := range s.Services {
			add(s.Services[i].Namespace, s.Services[i].Name)
		}
	case "Node":
		for i := range s.Nodes {
			add("", s.Nodes[i].Name)
		}
	case "Namespace":
		for i := range s.Namespaces {
			add("", s.Namespaces[i].Name)
		}
		for i := range s.Pods {
			add("", s.Pods[i].Namespace)
		}
		for i := range s.Services {
			add("", s.Services[i].Namespace)
		}
	default:
		for i := range s.Workloads {
			if w := &s.Workloads[i]; w.Kind == kind {
				add(w.Namespace, w.Name)
			}
		}
		for i := range s.Pods {
			if p := &s.Pods[i]; p.Maker.Kind == kind {
				add(p.Namespace, p.Maker.Name)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
