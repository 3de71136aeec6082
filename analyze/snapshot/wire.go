package snapshot

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// object has the fields of all kinds that are read, because a kind may be said after what it is of. No name means two things in two of
// these kinds but selector. What is not here is never kept.
type object struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Metadata   metadata   `json:"metadata"`
	Spec       spec       `json:"spec"`
	Status     status     `json:"status"`
	Data       settings   `json:"data"`
	Endpoints  []endpoint `json:"endpoints"`
	Ports      []port     `json:"ports"`
}

type metadata struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	UID       string            `json:"uid"`
	Labels    map[string]string `json:"labels"`
	Created   moment            `json:"creationTimestamp"`
	Deleted   moment            `json:"deletionTimestamp"`
	Owners    []struct {
		Kind       string `json:"kind"`
		Name       string `json:"name"`
		Controller bool   `json:"controller"`
	} `json:"ownerReferences"`
}

type spec struct {
	// Pod
	NodeName       string      `json:"nodeName"`
	HostNetwork    bool        `json:"hostNetwork"`
	Containers     []container `json:"containers"`
	InitContainers []container `json:"initContainers"`
	GracePeriod    int64       `json:"terminationGracePeriodSeconds"`
	DNSPolicy      string      `json:"dnsPolicy"`
	DNSConfig      struct {
		Searches []string `json:"searches"`
		Options  []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"options"`
	} `json:"dnsConfig"`
	// Node
	PodCIDR  string   `json:"podCIDR"`
	PodCIDRs []string `json:"podCIDRs"`
	// Service
	Type            string   `json:"type"`
	ClusterIP       string   `json:"clusterIP"`
	ClusterIPs      []string `json:"clusterIPs"`
	ExternalIPs     []string `json:"externalIPs"`
	Ports           []port   `json:"ports"`
	InternalPolicy  string   `json:"internalTrafficPolicy"`
	ExternalPolicy  string   `json:"externalTrafficPolicy"`
	PublishNotReady bool     `json:"publishNotReadyAddresses"`
	// Selector is a Service's (labels) or a workload's (labelSelector).
	Selector jsontext.Value `json:"selector"`
	Template struct {
		Metadata struct {
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
	} `json:"template"`
	// NetworkPolicy
	PodSelector labelSelector `json:"podSelector"`
	PolicyTypes []string      `json:"policyTypes"`
	Ingress     []policyRule  `json:"ingress"`
	Egress      []policyRule  `json:"egress"`
}

type container struct {
	Name          string `json:"name"`
	RestartPolicy string `json:"restartPolicy"`
	Ports         []struct {
		Name     string `json:"name"`
		Port     uint16 `json:"containerPort"`
		HostPort uint16 `json:"hostPort"`
		Protocol string `json:"protocol"`
	} `json:"ports"`
	Probe *struct {
		HTTP *struct {
			Path string     `json:"path"`
			Port portOrName `json:"port"`
		} `json:"httpGet"`
		TCP *struct {
			Port portOrName `json:"port"`
		} `json:"tcpSocket"`
		GRPC *struct {
			Port portOrName `json:"port"`
		} `json:"grpc"`
	} `json:"readinessProbe"`
	Lifecycle struct {
		PreStop *struct{} `json:"preStop"`
	} `json:"lifecycle"`
}

// port is one of a Service or of an EndpointSlice.
type port struct {
	Name     string     `json:"name"`
	Port     uint16     `json:"port"`
	Target   portOrName `json:"targetPort"`
	NodePort uint16     `json:"nodePort"`
	Protocol string     `json:"protocol"`
}

type labelSelector struct {
	Labels      map[string]string `json:"matchLabels"`
	Expressions []Expression      `json:"matchExpressions"`
}

type policyRule struct {
	From  []policyPeer `json:"from"`
	To    []policyPeer `json:"to"`
	Ports []struct {
		Protocol string     `json:"protocol"`
		Port     portOrName `json:"port"`
		End      uint16     `json:"endPort"`
	} `json:"ports"`
}

type policyPeer struct {
	Pods       *labelSelector `json:"podSelector"`
	Namespaces *labelSelector `json:"namespaceSelector"`
	Block      *struct {
		CIDR   string   `json:"cidr"`
		Except []string `json:"except"`
	} `json:"ipBlock"`
}

type status struct {
	Phase      string `json:"phase"`
	PodIP      string `json:"podIP"`
	PodIPs     []ip   `json:"podIPs"`
	StartTime  moment `json:"startTime"`
	Conditions []struct {
		Type      string `json:"type"`
		Status    string `json:"status"`
		Reason    string `json:"reason"`
		Changed   moment `json:"lastTransitionTime"`
		Heartbeat moment `json:"lastHeartbeatTime"`
	} `json:"conditions"`
	Containers     []containerStatus `json:"containerStatuses"`
	InitContainers []containerStatus `json:"initContainerStatuses"`
	Addresses      []struct {
		Address string `json:"address"`
	} `json:"addresses"`
	LoadBalancer struct {
		Ingress []ip `json:"ingress"`
	} `json:"loadBalancer"`
}

type ip struct {
	IP string `json:"ip"`
}

type containerStatus struct {
	Name     string         `json:"name"`
	Ready    bool           `json:"ready"`
	Restarts int            `json:"restartCount"`
	State    containerState `json:"state"`
	Last     containerState `json:"lastState"`
}

type containerState struct {
	Waiting *struct {
		Reason string `json:"reason"`
	} `json:"waiting"`
	Running *struct {
		Started moment `json:"startedAt"`
	} `json:"running"`
	Terminated *struct {
		Reason   string `json:"reason"`
		ExitCode int    `json:"exitCode"`
		Started  moment `json:"startedAt"`
		Finished moment `json:"finishedAt"`
	} `json:"terminated"`
}

type endpoint struct {
	Addresses  []string `json:"addresses"`
	Node       string   `json:"nodeName"`
	Conditions struct {
		Ready       *bool `json:"ready"`
		Serving     *bool `json:"serving"`
		Terminating *bool `json:"terminating"`
	} `json:"conditions"`
	Target *struct {
		Kind      string `json:"kind"`
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"targetRef"`
}

// moment is a time in Unix nanoseconds, 0 for none.
type moment int64

// UnmarshalJSON reads RFC 3339, or null.
func (m *moment) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return fmt.Errorf("%.40q is no time", s)
	}
	*m = moment(t.UnixNano())
	return nil
}

// portOrName is Kubernetes' IntOrString as far as it is a port. That type itself would bring with it some hundred kilobytes of
// serialization for this one method.
type portOrName PortOrName

// UnmarshalJSON reads a number, a name, or a number written as a string.
func (p *portOrName) UnmarshalJSON(b []byte) error {
	s := string(bytes.Trim(b, `"`))
	if n, err := strconv.ParseUint(s, 10, 16); err == nil {
		*p = portOrName{Port: uint16(n)}
		return nil
	}
	if len(b) == 0 || b[0] != '"' {
		if s == "null" {
			return nil
		}
		return fmt.Errorf("%.40s is no port", s)
	}
	return json.Unmarshal(b, &p.Name)
}

// settings are those of a ConfigMap that are kept.
type settings map[string]string

// kept are the settings of CoreDNS and of the usual CNIs that causes are told from.
var kept = map[string]bool{
	"Corefile": true, "net-conf.json": true, "cni-conf.json": true, "cni_network_config": true, "veth_mtu": true, "mtu": true,
	"tunnel-port": true, "tunnel-protocol": true, "routing-mode": true,
}

// maxSetting bounds a setting in bytes.
const maxSetting = 64 << 10

// UnmarshalJSON keeps the settings that are wanted and drops all others, whatever they are.
func (s *settings) UnmarshalJSON(b []byte) error {
	var all map[string]jsontext.Value
	if json.Unmarshal(b, &all) != nil {
		return nil // a foreign kind's
	}
	for k, v := range all {
		var text string
		if !kept[k] || len(v) > maxSetting || json.Unmarshal(v, &text) != nil {
			continue
		}
		if *s == nil {
			*s = settings{}
		}
		(*s)[k] = text
	}
	return nil
}

// addresses returns what of a list is an address.
func addresses(list ...string) (out []netip.Addr) {
	for _, s := range list {
		a, err := netip.ParseAddr(s)
		if err != nil {
			continue // a host's name, or "None"
		}
		if a = a.Unmap(); !contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

func contains(list []netip.Addr, a netip.Addr) bool {
	for _, x := range list {
		if x == a {
			return true
		}
	}
	return false
}

// networks returns what of a list is a network.
func networks(list ...string) (out []netip.Prefix) {
	for _, s := range list {
		if p, err := netip.ParsePrefix(s); err == nil {
			out = append(out, p.Masked())
		}
	}
	return out
}
