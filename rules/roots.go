package rules

// Root is a kind of fact.Root that a snapshot of the cluster may give a rule's findings, and what it says.
type Root struct{ Kind, Text string }

// rootTexts say what the kinds mean.
var rootTexts = map[string]string{
	"conntrack-entry":    "conntrack on the client's node has the entry that leads there (conntrack -L)",
	"conntrack-max":      "the number of conntrack entries and the limit (sysctl net.netfilter)",
	"contradicted":       "a cause that the snapshot suggests and the packets rule out",
	"dns-not-ready":      "the DNS pod that was asked, or all of them, not being ready",
	"duplicate-address":  "two pods, or a pod and a node, have the address",
	"fdb-missing":        "the tunnel's forwarding database does not know where the address is (bridge fdb, ip neigh)",
	"hairpin-mode":       "the pod's port of the bridge has hairpin mode off (ip -d link)",
	"local-policy":       "internalTrafficPolicy is Local, and the client's node has no endpoint",
	"masquerade-missing": "the rules do not masquerade a pod that reaches itself (iptables-save, nft)",
	"mtu-config":         "the MTUs of the interfaces on the path, and what the CNI's ConfigMap says",
	"ndots":              "where the pod's ndots comes from: its dnsConfig or its dnsPolicy",
	"network-policy":     "which NetworkPolicies select the pod, and which rule is missing",
	"no-pods":            "the selector matches no pod; the pod with the most similar labels",
	"no-such-service":    "no Service had the address or the name; the most similar name",
	"node-not-ready":     "the backend's node is not ready, since when and why",
	"not-ready":          "no pod was ready: which container, which probe, since when",
	"other-namespace":    "the Service that was meant is in another namespace",
	"pod-gone":           "no pod has the address now",
	"pod-replaced":       "another pod has had the address since",
	"port-config":        "the CNI's ConfigMap has another port for its tunnels",
	"port-mismatch":      "the Service has no such port, or the pod declares another one",
	"proxy-stale":        "there were ready endpoints, but the node's rules do not have them",
	"restarting":         "a container was restarted: how often, and how it last ended",
	"route-missing":      "a node has no route there (ip route)",
	"rule-later":         "the Service, or the node's rules for it, came after the first packet",
	"terminating":        "pods are terminating: by when, and whether they have a preStop hook",
	"traffic-policy":     "externalTrafficPolicy is Local; the nodes that have an endpoint",
	"upstream":           "which servers DNS forwards other names to (Corefile)",
}

// rootKinds are those that each rule's findings may get; package root finds them.
var rootKinds = map[string][]string{
	"dns-no-response":          {"dns-not-ready", "upstream", "contradicted"},
	"dns-intermittent-timeout": {"dns-not-ready", "upstream", "contradicted"},
	"dns-servfail":             {"upstream", "contradicted"},
	"dns-slow":                 {"upstream", "contradicted"},
	"dns-nxdomain":             {"other-namespace", "no-such-service", "contradicted"},
	"dns-search-expansion":     {"ndots", "contradicted"},
	"svc-no-endpoints":         {"no-pods", "other-namespace", "not-ready", "terminating", "port-mismatch", "local-policy", "proxy-stale", "contradicted"},
	"svc-local-no-endpoint":    {"traffic-policy"},
	"svc-endpoint-terminating": {"pod-replaced", "pod-gone", "terminating"},
	"svc-no-dnat":              {"no-such-service", "proxy-stale", "rule-later", "contradicted"},
	"svc-hairpin-drop":         {"hairpin-mode", "masquerade-missing", "contradicted"},
	"ct-syn-stale":             {"no-such-service", "rule-later", "contradicted"},
	"ct-stale-reset":           {"pod-replaced", "pod-gone", "terminating", "conntrack-entry", "contradicted"},
	"ct-stale-blackhole":       {"pod-replaced", "pod-gone", "terminating", "conntrack-entry", "contradicted"},
	"ct-stale-udp":             {"pod-replaced", "pod-gone", "terminating", "conntrack-entry", "contradicted"},
	"ct-table-full":            {"conntrack-max"},
	"cni-no-reply":             {"pod-gone", "node-not-ready", "network-policy", "route-missing", "fdb-missing", "contradicted"},
	"cni-reject":               {"pod-gone", "node-not-ready", "network-policy", "route-missing", "fdb-missing", "contradicted"},
	"cni-mtu-blackhole":        {"mtu-config"},
	"cni-mtu-overrun":          {"mtu-config"},
	"cni-df-drop":              {"mtu-config"},
	"cni-mss-too-big":          {"mtu-config"},
	"cni-duplicate-ip":         {"duplicate-address"},
	"cni-tunnel-oneway":        {"port-config", "contradicted"},
	"cni-tunnel-rejected":      {"port-config", "contradicted"},
	"app-refused":              {"restarting", "port-mismatch", "not-ready", "contradicted"},
}

// Roots returns what a snapshot may tell of the rule's findings, none where it tells nothing.
func (r *Rule) Roots() (list []Root) {
	for _, k := range rootKinds[r.ID] {
		list = append(list, Root{k, rootTexts[k]})
	}
	return list
}
