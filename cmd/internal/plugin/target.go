package plugin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// target is what the user names: a pod, what pods belong to, or a node.
type target struct {
	namespace string // "" for a node
	kind      string // as in kinds
	name      string
}

// String returns the target as kubectl writes it, with its namespace.
func (t target) String() string {
	if t.kind == "node" {
		return "node/" + t.name
	}
	return t.namespace + "/" + t.kind + "/" + t.name
}

// kinds are the words for kinds as kubectl takes them.
var kinds = map[string]string{
	"pod": "pod", "po": "pod", "pods": "pod", "svc": "svc", "service": "svc", "services": "svc", "deploy": "deploy", "deployment": "deploy",
	"deployments": "deploy", "sts": "sts", "statefulset": "sts", "statefulsets": "sts", "ds": "ds", "daemonset": "ds", "daemonsets": "ds",
	"rs": "rs", "replicaset": "rs", "replicasets": "rs", "job": "job", "jobs": "job", "node": "node", "no": "node", "nodes": "node",
}

// readTarget reads NAME, KIND/NAME, NAMESPACE/NAME or NAMESPACE/KIND/NAME. What is a kind is no namespace.
func readTarget(s, namespace string) (target, error) {
	parts := strings.Split(s, "/")
	t := target{namespace: namespace, kind: "pod", name: parts[len(parts)-1]}
	wrong := slices.Contains(parts, "") || len(parts) > 3
	if !wrong && len(parts) == 3 {
		t.namespace, parts = parts[0], parts[1:]
		wrong = kinds[strings.ToLower(parts[0])] == ""
	}
	if !wrong && len(parts) == 2 {
		if kind := kinds[strings.ToLower(parts[0])]; kind != "" {
			t.kind = kind
		} else {
			t.namespace = parts[0]
		}
	}
	if wrong {
		return t, usagef("%q: write a target as POD, svc/NAME, deploy/NAME (sts, ds, rs, job), node/NAME, or with a namespace before: shop/svc/cart", s)
	}
	if t.kind == "node" {
		t.namespace = ""
	}
	return t, nil
}

// placed is a node that is captured on, and why.
type placed struct {
	node string
	why  []string
}

// places collects nodes, in the order in which they are asked for.
type places struct {
	list []*placed
	// empty says which targets are on no node.
	empty []string
}

func (p *places) add(node, why string) {
	i := slices.IndexFunc(p.list, func(x *placed) bool { return x.node == node })
	if i < 0 {
		p.list = append(p.list, &placed{node: node})
		i = len(p.list) - 1
	}
	if why != "" && !slices.Contains(p.list[i].why, why) {
		p.list[i].why = append(p.list[i].why, why)
	}
}

// locate adds the nodes of a target.
func (c *cluster) locate(ctx context.Context, t target, p *places) error {
	before := len(p.list)
	known := func() int { // nodes that were there already count
		n := 0
		for _, x := range p.list {
			if slices.Contains(x.why, t.String()) {
				n++
			}
		}
		return n
	}
	var err error
	switch t.kind {
	case "node":
		_, err = c.kube.CoreV1().Nodes().Get(ctx, t.name, metav1.GetOptions{})
		if apierrors.IsForbidden(err) {
			err = nil // the pod will tell
		}
		if err == nil {
			p.add(t.name, t.String())
		}
	case "pod":
		var pod *corev1.Pod
		if pod, err = c.kube.CoreV1().Pods(t.namespace).Get(ctx, t.name, metav1.GetOptions{}); err == nil {
			p.pod(pod, t)
		} else if apierrors.IsNotFound(err) {
			err = c.noPod(ctx, t)
		}
	case "svc":
		err = c.service(ctx, t, p)
	default:
		var selector *metav1.LabelSelector
		if selector, err = c.selector(ctx, t); err == nil {
			err = c.selected(ctx, t, metav1.FormatLabelSelector(selector), p)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", t, plain(err))
	}
	if len(p.list) == before && known() == 0 {
		p.empty = append(p.empty, t.String())
	}
	return nil
}

// pod adds the node of a pod. One that has ended has no packets any more.
func (p *places) pod(pod *corev1.Pod, t target) {
	if pod.Spec.NodeName != "" && pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed {
		p.add(pod.Spec.NodeName, t.String())
	}
}

// service adds the nodes of a Service's endpoints, ready or not, and of the pods that it selects: those of which the endpoints know nothing yet.
func (c *cluster) service(ctx context.Context, t target, p *places) error {
	s, err := c.kube.CoreV1().Services(t.namespace).Get(ctx, t.name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	slices, err := c.kube.DiscoveryV1().EndpointSlices(t.namespace).List(ctx, metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=" + t.name})
	if err != nil && !apierrors.IsForbidden(err) {
		return err
	}
	if err == nil {
		for i := range slices.Items {
			for _, e := range slices.Items[i].Endpoints {
				if e.NodeName != nil {
					p.add(*e.NodeName, t.String())
				}
			}
		}
	}
	if len(s.Spec.Selector) == 0 {
		return nil
	}
	return c.selected(ctx, t, metav1.FormatLabelSelector(&metav1.LabelSelector{MatchLabels: s.Spec.Selector}), p)
}

// selected adds the nodes of the pods with these labels.
func (c *cluster) selected(ctx context.Context, t target, labels string, p *places) error {
	pods, err := c.kube.CoreV1().Pods(t.namespace).List(ctx, metav1.ListOptions{LabelSelector: labels})
	if err != nil {
		return err
	}
	for i := range pods.Items {
		p.pod(&pods.Items[i], t)
	}
	return nil
}

// selector returns how a workload selects its pods.
func (c *cluster) selector(ctx context.Context, t target) (*metav1.LabelSelector, error) {
	apps, get := c.kube.AppsV1(), metav1.GetOptions{}
	switch t.kind {
	case "deploy":
		x, err := apps.Deployments(t.namespace).Get(ctx, t.name, get)
		if err != nil {
			return nil, err
		}
		return x.Spec.Selector, nil
	case "sts":
		x, err := apps.StatefulSets(t.namespace).Get(ctx, t.name, get)
		if err != nil {
			return nil, err
		}
		return x.Spec.Selector, nil
	case "ds":
		x, err := apps.DaemonSets(t.namespace).Get(ctx, t.name, get)
		if err != nil {
			return nil, err
		}
		return x.Spec.Selector, nil
	case "rs":
		x, err := apps.ReplicaSets(t.namespace).Get(ctx, t.name, get)
		if err != nil {
			return nil, err
		}
		return x.Spec.Selector, nil
	}
	x, err := c.kube.BatchV1().Jobs(t.namespace).Get(ctx, t.name, get)
	if err != nil {
		return nil, err
	}
	return x.Spec.Selector, nil
}

// noPod says that there is no such pod, and what of another kind has its name.
func (c *cluster) noPod(ctx context.Context, t target) error {
	var others []string
	for _, kind := range []string{"svc", "deploy", "sts", "ds"} {
		var err error
		if kind == "svc" {
			_, err = c.kube.CoreV1().Services(t.namespace).Get(ctx, t.name, metav1.GetOptions{})
		} else {
			_, err = c.selector(ctx, target{t.namespace, kind, t.name})
		}
		if err == nil {
			others = append(others, kind+"/"+t.name)
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("there is no such pod; did you mean %s?", strings.Join(others, " or "))
	}
	return fmt.Errorf("there is no such pod in namespace %s", t.namespace)
}

// dnsServers adds the nodes of the cluster's DNS servers, by the label that CoreDNS has kept from kube-dns.
func (c *cluster) dnsServers(ctx context.Context, p *places) error {
	before := len(p.list)
	t := target{metav1.NamespaceSystem, "svc", "kube-dns"}
	err := c.service(ctx, t, p)
	if apierrors.IsNotFound(err) {
		err = c.selected(ctx, t, "k8s-app=kube-dns", p)
	}
	switch {
	case err != nil:
		return fmt.Errorf("--dns: %w", plain(err))
	case len(p.list) == before && !slices.ContainsFunc(p.list, func(x *placed) bool { return slices.Contains(x.why, t.String()) }):
		p.empty = append(p.empty, "DNS ("+t.String()+")")
	}
	return nil
}
