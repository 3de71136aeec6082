package snapshot

import (
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// operators are those of metav1.LabelSelector. That type itself would bring eight megabytes of serialization with it.
var operators = map[string]selection.Operator{
	"In": selection.In, "NotIn": selection.NotIn, "Exists": selection.Exists, "DoesNotExist": selection.DoesNotExist,
}

// Matches reports whether a selector selects what has these labels. One that the API server would refuse selects nothing.
func (s *Selector) Matches(l map[string]string) bool {
	all := labels.NewSelector()
	for k, v := range s.Labels {
		r, err := labels.NewRequirement(k, selection.Equals, []string{v})
		if err != nil {
			return false
		}
		all = all.Add(*r)
	}
	for _, e := range s.Expressions {
		r, err := labels.NewRequirement(e.Key, operators[e.Operator], e.Values)
		if err != nil {
			return false
		}
		all = all.Add(*r)
	}
	return all.Matches(labels.Set(l))
}

// Selects reports whether a Service selects a pod. One without a selector selects none: its endpoints come from elsewhere.
func (s *Service) Selects(p *Pod) bool {
	return len(s.Selector) > 0 && s.Namespace == p.Namespace && labels.SelectorFromSet(s.Selector).Matches(labels.Set(p.Labels))
}
