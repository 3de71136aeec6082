package html

import (
	"maps"
	"slices"
)

// counter counts findings by what they can be filtered by.
type counter struct{ bySeverity, byLayer, byNode map[string]int }

func newCounter() *counter {
	return &counter{map[string]int{}, map[string]int{}, map[string]int{}}
}

func (c *counter) add(f *finding) {
	c.bySeverity[f.Severity]++
	c.byLayer[f.Layer]++
	for _, n := range f.Nodes {
		c.byNode[n]++
	}
}

func (c *counter) severities() []choice {
	return ordered(c.bySeverity, []choice{{Value: "critical", Name: "critical"}, {Value: "warning", Name: "warning"}, {Value: "info", Name: "info"}})
}

func (c *counter) layers() []choice {
	return ordered(c.byLayer, []choice{
		{Value: "dns", Name: "DNS"},
		{Value: "service", Name: "Service"},
		{Value: "cni", Name: "CNI"},
		{Value: "app", Name: "App"},
		{Value: "capture", Name: "Capture"},
	})
}

func (c *counter) nodes() []choice {
	var list []choice
	for _, n := range slices.Sorted(maps.Keys(c.byNode)) {
		list = append(list, choice{Value: n, Name: n})
	}
	return ordered(c.byNode, list)
}

// ordered returns those of the choices that some finding has.
func ordered(count map[string]int, list []choice) []choice {
	var some []choice
	for _, x := range list {
		if x.Count = count[x.Value]; x.Count > 0 {
			some = append(some, x)
		}
	}
	return some
}
