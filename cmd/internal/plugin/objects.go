package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// snapshotKinds are the kinds of objects that a snapshot is made of (docs/snapshot.md).
var snapshotKinds = []schema.GroupVersionResource{
	{Version: "v1", Resource: "pods"},
	{Version: "v1", Resource: "services"},
	{Group: "discovery.k8s.io", Version: "v1", Resource: "endpointslices"},
	{Version: "v1", Resource: "nodes"},
	{Group: "networking.k8s.io", Version: "v1", Resource: "networkpolicies"},
	{Version: "v1", Resource: "namespaces"},
	{Group: "apps", Version: "v1", Resource: "deployments"},
	{Group: "apps", Version: "v1", Resource: "replicasets"},
	{Group: "apps", Version: "v1", Resource: "statefulsets"},
	{Group: "apps", Version: "v1", Resource: "daemonsets"},
}

// snapshotConfigs are the ConfigMaps that say how DNS and the pods' network are set up, where the usual installations have them. No other is read.
var snapshotConfigs = []struct{ namespace, name string }{
	{"kube-system", "coredns"},
	{"kube-system", "kube-flannel-cfg"},
	{"kube-flannel", "kube-flannel-cfg"},
	{"kube-system", "cilium-config"},
	{"kube-system", "calico-config"},
}

// pageSize is how many objects are asked for at once.
const pageSize = 500

// snapshotObjects returns the objects as kubectl get -o json prints a list of them, without what a snapshot has no use for, and what is missing. A user
// who may not list a kind in the whole cluster is asked for it in the namespaces that the targets are in.
func (c *cluster) snapshotObjects(ctx context.Context, namespaces []string) (list []byte, missing []string, err error) {
	found := make([][]json.RawMessage, len(snapshotKinds)+1)
	failed := make([]error, len(snapshotKinds))
	var all sync.WaitGroup
	for i, kind := range snapshotKinds {
		all.Go(func() { found[i], failed[i] = c.listed(ctx, kind, namespaces) })
	}
	all.Go(func() { found[len(snapshotKinds)] = c.configs(ctx) })
	all.Wait()
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	byReason := map[string][]string{}
	for i, err := range failed {
		if err != nil {
			byReason[err.Error()] = append(byReason[err.Error()], snapshotKinds[i].Resource)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		missing = append(missing, strings.Join(byReason[reason], ", ")+" ("+reason+")")
	}
	items := slices.Concat(found...)
	if items == nil {
		items = []json.RawMessage{}
	}
	list, err = json.MarshalIndent(map[string]any{"apiVersion": "v1", "kind": "List", "metadata": map[string]string{"resourceVersion": ""}, "items": items}, "", "  ")
	return list, missing, err
}

// listed lists the objects of a kind, and where that is forbidden, those in namespaces.
func (c *cluster) listed(ctx context.Context, kind schema.GroupVersionResource, namespaces []string) ([]json.RawMessage, error) {
	items, err := c.pages(ctx, kind, "")
	if err == nil || kind.Resource == "nodes" || kind.Resource == "namespaces" {
		return items, shortReason(err)
	}
	some := false
	for _, namespace := range namespaces {
		if more, err := c.pages(ctx, kind, namespace); err == nil {
			items, some = append(items, more...), true
		}
	}
	if some {
		return items, fmt.Errorf("but for those of %s", strings.Join(namespaces, ", "))
	}
	return nil, shortReason(err)
}

func (c *cluster) pages(ctx context.Context, kind schema.GroupVersionResource, namespace string) (items []json.RawMessage, err error) {
	options := metav1.ListOptions{Limit: pageSize}
	for {
		page, err := c.objects.Resource(kind).Namespace(namespace).List(ctx, options)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			b, err := written(&page.Items[i])
			if err != nil {
				return nil, err
			}
			items = append(items, b)
		}
		if options.Continue = page.GetContinue(); options.Continue == "" {
			return items, nil
		}
	}
}

func (c *cluster) configs(ctx context.Context) (items []json.RawMessage) {
	kind := schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	for _, config := range snapshotConfigs {
		o, err := c.objects.Resource(kind).Namespace(config.namespace).Get(ctx, config.name, metav1.GetOptions{})
		if err != nil {
			continue // most clusters have one or two of them
		}
		if b, err := written(o); err == nil {
			items = append(items, b)
		}
	}
	return items
}

// written returns an object as JSON, without what a snapshot drops when it is read: a saved one is passed on.
func written(o *unstructured.Unstructured) (json.RawMessage, error) {
	o.SetManagedFields(nil)
	o.SetAnnotations(nil)
	for _, pod := range [][]string{{"spec"}, {"spec", "template", "spec"}} {
		for _, kind := range []string{"containers", "initContainers", "ephemeralContainers"} {
			list, ok, _ := unstructured.NestedSlice(o.Object, append(slices.Clone(pod), kind)...)
			if !ok {
				continue
			}
			for _, x := range list {
				if m, ok := x.(map[string]any); ok {
					for _, private := range []string{"env", "envFrom", "command", "args"} {
						delete(m, private)
					}
				}
			}
			if err := unstructured.SetNestedSlice(o.Object, list, append(slices.Clone(pod), kind)...); err != nil {
				return nil, err
			}
		}
	}
	unstructured.RemoveNestedField(o.Object, "spec", "template", "metadata", "annotations")
	return o.MarshalJSON()
}

// shortReason returns why a kind is missing, in a word or two where it is the usual reason.
func shortReason(err error) error {
	if err != nil && isForbidden(err) {
		return errForbidden
	}
	return plain(err)
}
