package plugin

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// surroundings is what is known of the nodes and of how API servers reach them, as far as the user may know it.
type surroundings struct {
	nodes map[string]*corev1.Node
	// api is where API servers listen.
	api []netip.AddrPort
	// agents are nodes with a pod that connects API servers with kubelets (konnectivity).
	agents map[string]bool
}

// agentLabel is what the agents of konnectivity are labelled with by those who deploy them.
const agentLabel = "k8s-app=konnectivity-agent"

func (c *cluster) surroundings(ctx context.Context) *surroundings {
	s := &surroundings{nodes: map[string]*corev1.Node{}, agents: map[string]bool{}}
	if list, err := c.kube.CoreV1().Nodes().List(ctx, metav1.ListOptions{}); err == nil {
		for i := range list.Items {
			s.nodes[list.Items[i].Name] = &list.Items[i]
		}
	}
	list, err := c.kube.DiscoveryV1().EndpointSlices(metav1.NamespaceDefault).List(ctx, metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=kubernetes"})
	if err == nil {
		for i := range list.Items {
			for _, e := range list.Items[i].Endpoints {
				for _, a := range e.Addresses {
					for _, p := range list.Items[i].Ports {
						if at, err := netip.ParseAddr(a); err == nil && p.Port != nil {
							s.api = append(s.api, netip.AddrPortFrom(at, uint16(*p.Port)))
						}
					}
				}
			}
		}
	}
	if pods, err := c.kube.CoreV1().Pods(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{LabelSelector: agentLabel}); err == nil {
		for i := range pods.Items {
			s.agents[pods.Items[i].Spec.NodeName] = true
		}
	}
	return s
}

// names returns the names of the nodes, in order.
func (s *surroundings) names() (list []string) {
	for name := range s.nodes {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// notReady returns why a node is not ready, "" where it is, or nothing is known.
func (s *surroundings) notReady(node string) string {
	n := s.nodes[node]
	if n == nil {
		return ""
	}
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady && c.Status != corev1.ConditionTrue {
			return strings.TrimSuffix(oneLine(c.Message, c.Reason), ".")
		}
	}
	return ""
}

// ownStream returns what carries a node's capture away.
func (s *surroundings) ownStream(node string) *ownStream {
	o := &ownStream{kubelet: 10250, relay: s.agents[node], agent: s.agents[node]}
	for name, n := range s.nodes {
		if name == node && n.Status.DaemonEndpoints.KubeletEndpoint.Port != 0 {
			o.kubelet = uint16(n.Status.DaemonEndpoints.KubeletEndpoint.Port)
		}
		for _, a := range n.Status.Addresses {
			at, err := netip.ParseAddr(a.Address)
			if err != nil {
				continue
			}
			o.cluster = append(o.cluster, netip.PrefixFrom(at, at.BitLen()))
			if name == node {
				for _, api := range s.api {
					if api.Addr() == at {
						o.api = append(o.api, api)
						o.relay = true
					}
				}
			}
		}
		for _, cidr := range append(n.Spec.PodCIDRs, n.Spec.PodCIDR) {
			if p, err := netip.ParsePrefix(cidr); err == nil {
				o.cluster = append(o.cluster, p)
			}
		}
	}
	slices.SortFunc(o.cluster, func(a, b netip.Prefix) int { return a.Compare(b) })
	o.cluster = slices.Compact(o.cluster)
	if len(o.cluster) > maxPairs { // an expression of thousands of networks is more than a kernel takes
		o.cluster = nil
	}
	return o
}
