package snapshot

import (
	"net/netip"
	"strconv"

	"github.com/netsift/netsift/analyze/snapshot/dump"
)

// Snapshot is the objects of a cluster as they were at one time, or at several where files of several times were read. Lists are in
// the order of the files.
type Snapshot struct {
	Nodes      []Node
	Namespaces []Namespace
	Pods       []Pod
	Services   []Service
	Slices     []EndpointSlice
	Policies   []NetworkPolicy
	Workloads  []Workload
	Configs    []ConfigMap
	// Dumps are what commands printed on nodes.
	Dumps []dump.Dump
	// Taken is the latest time that an object speaks of, in Unix nanoseconds; 0 where none does. kubectl does not say when it asked, and a
	// kubelet's heartbeat is minutes old at most.
	Taken int64
	// Heard is the latest time that a kubelet reported its node, which tells that the snapshot is no more than minutes younger than that; 0 where none
	// is in it. Without it Taken may be long before: when nothing changes, no object has a new time.
	Heard int64
	// Warnings say what could not be read, by file.
	Warnings []string
}

// Meta is what all objects have. Times are in Unix nanoseconds, 0 where the object has none.
type Meta struct {
	// Namespace is "" for objects of the cluster as a whole.
	Namespace, Name, UID string
	Labels               map[string]string
	Created              int64
	// Deleted is when a deletion that was asked for is to be over (deletionTimestamp): the end of the grace period.
	Deleted int64
	// Owner is the controller of the object, zero where it has none.
	Owner Owner
	// File is the name of the file that it was read from.
	File string
}

// Owner is the controller of an object, of the same namespace.
type Owner struct{ Kind, Name string }

// Node is a Node.
type Node struct {
	Meta
	// Addresses are its IP addresses, PodNetworks those that its pods get theirs from, as far as Kubernetes hands them out.
	Addresses   []netip.Addr
	PodNetworks []netip.Prefix
	Conditions  []Condition
}

// Namespace is a Namespace.
type Namespace struct{ Meta }

// Condition is a condition of a pod or a node. Status is True, False or Unknown; Since is when it last changed.
type Condition struct {
	Type, Status, Reason string
	Since                int64
}

// Pod is a Pod.
type Pod struct {
	Meta
	// Maker is what made it in the end: the Deployment, where its owner is a ReplicaSet.
	Maker Owner
	// Node is the name of its node, "" before it has one.
	Node        string
	HostNetwork bool
	Addresses   []netip.Addr
	// Phase is Pending, Running, Succeeded, Failed or Unknown.
	Phase string
	// Started is when its kubelet took it over.
	Started    int64
	Conditions []Condition
	// Containers are also those that start before the others and go on beside them (sidecars).
	Containers []Container
	// GracePeriod is how long it may take to end, in seconds.
	GracePeriod int64
	// Ndots is its resolver's (dnsConfig), "" where it has the usual one. Searches are the suffixes that it adds.
	DNSPolicy, Ndots string
	Searches         []string
}

// Container is a container of a pod, and how it is.
type Container struct {
	Name  string
	Ports []ContainerPort
	// Probe says what its readiness is asked by, "" without a probe.
	Probe string
	// PreStop says that something is done before it is told to end.
	PreStop  bool
	Ready    bool
	Restarts int
	// State and Last say how it is, and how the one before it ended.
	State, Last ContainerState
}

// ContainerState is a container's state. Kind is waiting, running, terminated, or "" where nothing is said.
type ContainerState struct {
	Kind, Reason string
	ExitCode     int
	// Started and Finished are Unix nanoseconds, 0 where not said.
	Started, Finished int64
}

// ContainerPort is a port that a container says it listens on. HostPort is 0 without one.
type ContainerPort struct {
	Name           string
	Port, HostPort uint16
	Protocol       string
}

// Service is a Service.
type Service struct {
	Meta
	// Type is ClusterIP, NodePort, LoadBalancer or ExternalName.
	Type string
	// Addresses are its ClusterIPs, none for a headless one; External those of externalIPs and of its load balancer.
	Addresses, External []netip.Addr
	Selector            map[string]string
	Ports               []ServicePort
	// InternalPolicy and ExternalPolicy are the traffic policies: Cluster or Local.
	InternalPolicy, ExternalPolicy string
	PublishNotReady                bool
}

// Headless reports whether the Service has no address of its own.
func (s *Service) Headless() bool { return len(s.Addresses) == 0 && s.Type != "ExternalName" }

// ServicePort is a port of a Service.
type ServicePort struct {
	Name     string
	Port     uint16
	Target   PortOrName
	NodePort uint16
	Protocol string
}

// PortOrName is a port by number, or by the name that a container gives it.
type PortOrName struct {
	Port uint16
	Name string
}

// EndpointSlice is a part of a Service's endpoints.
type EndpointSlice struct {
	Meta
	// Service is the name of the Service, "" where no label says it.
	Service   string
	Ports     []SlicePort
	Endpoints []Endpoint
}

// SlicePort is a port of all endpoints of a slice.
type SlicePort struct {
	Name, Protocol string
	Port           uint16
}

// Endpoint is an endpoint: a pod, mostly.
type Endpoint struct {
	Addresses []netip.Addr
	Node      string
	// Pod is the name of the pod, in the slice's namespace, "" where it is none.
	Pod                         string
	Ready, Serving, Terminating bool
}

// NetworkPolicy is a NetworkPolicy. Ingress and Egress say whether it is about that direction at all.
type NetworkPolicy struct {
	Meta
	Pods                      Selector
	Ingress, Egress           bool
	IngressRules, EgressRules []PolicyRule
}

// PolicyRule allows what is with one of its peers and on one of its ports. No peers, or no ports, are all of them.
type PolicyRule struct {
	Peers []PolicyPeer
	Ports []PolicyPort
}

// PolicyPeer is who may be spoken to: pods, by their own labels and their namespaces' (nil where not asked for), or addresses.
type PolicyPeer struct {
	Pods, Namespaces *Selector
	Block            netip.Prefix
	Except           []netip.Prefix
}

// PolicyPort is a port of a rule, or the ports up to End; with a zero Port all of the protocol.
type PolicyPort struct {
	Protocol string
	Port     PortOrName
	End      uint16
}

// Selector selects by labels (metav1.LabelSelector): all have to fit, and no condition fits everything.
type Selector struct {
	Labels      map[string]string
	Expressions []Expression
}

// Expression is a condition of a Selector. Operator is In, NotIn, Exists or DoesNotExist.
type Expression struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
}

// Workload is a Deployment, ReplicaSet, StatefulSet or DaemonSet.
type Workload struct {
	Meta
	Kind string
	Pods Selector
	// Template are the labels of its pods.
	Template map[string]string
}

// ConfigMap is the few settings in a ConfigMap that say how DNS and the pods' network are set up.
type ConfigMap struct {
	Meta
	Data map[string]string
}

// String returns the port as it is written in an object: its number, or its name.
func (p PortOrName) String() string {
	if p.Name != "" {
		return p.Name
	}
	return strconv.Itoa(int(p.Port))
}
