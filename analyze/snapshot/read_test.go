package snapshot

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"go.yaml.in/yaml/v4"
)

// file is one that holds a text.
func file(name, text string) File {
	return File{name, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

const pod = `{"apiVersion": "v1", "kind": "Pod",
 "metadata": {"name": "web-1", "namespace": "shop", "uid": "u1", "labels": {"app": "web"}, "creationTimestamp": "2026-11-23T04:23:22Z",
  "annotations": {"secret": "hidden"}, "ownerReferences": [{"kind": "ReplicaSet", "name": "web-7d9c", "controller": true}, {"kind": "Other", "name": "x"}]},
 "spec": {"nodeName": "node2", "dnsConfig": {"options": [{"name": "ndots", "value": "2"}]}, "terminationGracePeriodSeconds": 30,
  "initContainers": [{"name": "once"}, {"name": "mesh", "restartPolicy": "Always", "ports": [{"containerPort": 15001}]}],
  "containers": [{"name": "main", "env": [{"name": "PASSWORD", "value": "hidden"}], "args": ["hidden"],
   "ports": [{"name": "http", "containerPort": 8080}], "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http"}}, "lifecycle": {"preStop": {"exec": {"command": ["hidden"]}}}}]},
 "status": {"phase": "Running", "podIP": "10.244.2.8", "podIPs": [{"ip": "10.244.2.8"}, {"ip": "fd00::8"}], "startTime": "2026-11-23T04:23:23Z",
  "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady", "lastTransitionTime": "2026-11-23T04:25:00Z"}],
  "containerStatuses": [{"name": "main", "ready": false, "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
   "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "finishedAt": "2026-11-23T04:24:59Z"}}}]}}`

const service1 = `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
 "spec": {"type": "NodePort", "clusterIP": "10.96.0.50", "clusterIPs": ["10.96.0.50"], "selector": {"app": "web"},
  "ports": [{"name": "http", "port": 80, "targetPort": "http", "nodePort": 30080}]}}`

const slice1 = `{"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "web-x", "namespace": "shop", "labels": {"kubernetes.io/service-name": "web"}},
 "endpoints": [{"addresses": ["10.244.2.8"], "conditions": {"ready": false}, "nodeName": "node2", "targetRef": {"kind": "Pod", "name": "web-1"}}, {"addresses": ["10.244.2.9"]}],
 "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]}`

const policy1 = `{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p", "namespace": "shop"},
 "spec": {"podSelector": {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["a"]}]},
  "ingress": [{"from": [{"podSelector": {}}, {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}], "ports": [{"port": "http"}, {"protocol": "UDP", "port": 1000, "endPort": 2000}]}]}}`

const others = `{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node2"}, "spec": {"podCIDR": "10.244.2.0/24", "podCIDRs": ["10.244.2.0/24"]},
 "status": {"addresses": [{"type": "InternalIP", "address": "192.168.1.11"}, {"type": "Hostname", "address": "node2"}], "conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-11-23T05:00:00Z"}]}},
{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "a"}}},
{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}}}},
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "coredns", "namespace": "kube-system"}, "data": {"Corefile": "forward . 8.8.8.8", "other": "hidden"}},
{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}, "data": {"password": "hidden", "Corefile": "hidden"}},
{"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "foreign", "namespace": "shop"}, "spec": {"ports": "none"}}`

func list(items ...string) string {
	return `{"apiVersion": "v1", "kind": "List", "items": [` + strings.Join(items, ",") + `], "metadata": {"resourceVersion": ""}}`
}

// at returns a time of the day that the objects are of.
func at(clock string) int64 {
	t, err := time.Parse(time.RFC3339, "2026-11-23T"+clock+"Z")
	if err != nil {
		panic(err)
	}
	return t.UnixNano()
}

// all is what the objects above are.
func all() *Snapshot {
	meta := func(namespace, name string) Meta { return Meta{Namespace: namespace, Name: name, File: "f"} }
	web := map[string]string{"app": "web"}
	p := Pod{
		Meta: meta("shop", "web-1"), Node: "node2", Addresses: []netip.Addr{netip.MustParseAddr("10.244.2.8"), netip.MustParseAddr("fd00::8")},
		Phase: "Running", Started: at("04:23:23"), Conditions: []Condition{{"Ready", "False", "ContainersNotReady", at("04:25:00")}}, GracePeriod: 30, Ndots: "2",
		Containers: []Container{{Name: "mesh", Ports: []ContainerPort{{Port: 15001, Protocol: "TCP"}}}, {
			Name: "main", Ports: []ContainerPort{{"http", 8080, 0, "TCP"}}, Probe: "HTTP GET /healthz on port http", PreStop: true, Restarts: 3,
			State: ContainerState{Kind: "waiting", Reason: "CrashLoopBackOff"},
			Last:  ContainerState{Kind: "terminated", Reason: "Error", ExitCode: 1, Finished: at("04:24:59")},
		}},
	}
	p.UID, p.Labels, p.Created, p.Owner, p.Maker = "u1", web, at("04:23:22"), Owner{"ReplicaSet", "web-7d9c"}, Owner{"ReplicaSet", "web-7d9c"}
	slice := EndpointSlice{Meta: meta("shop", "web-x"), Service: "web", Ports: []SlicePort{{"http", "TCP", 8080}}, Endpoints: []Endpoint{
		{Addresses: []netip.Addr{netip.MustParseAddr("10.244.2.8")}, Node: "node2", Pod: "web-1"},
		{Addresses: []netip.Addr{netip.MustParseAddr("10.244.2.9")}, Ready: true, Serving: true},
	}}
	slice.Labels = map[string]string{serviceLabel: "web"}
	ns := Namespace{meta("", "shop")}
	ns.Labels = map[string]string{"team": "a"}
	return &Snapshot{
		Pods: []Pod{p},
		Services: []Service{{
			Meta: meta("shop", "web"), Type: "NodePort", Addresses: []netip.Addr{netip.MustParseAddr("10.96.0.50")}, Selector: web,
			Ports: []ServicePort{{"http", 80, PortOrName{Name: "http"}, 30080, "TCP"}}, InternalPolicy: "Cluster", ExternalPolicy: "Cluster",
		}},
		Slices: []EndpointSlice{slice},
		Policies: []NetworkPolicy{{
			Meta: meta("shop", "p"), Pods: Selector{web, []Expression{{"tier", "In", []string{"a"}}}}, Ingress: true,
			IngressRules: []PolicyRule{{
				Peers: []PolicyPeer{{Pods: &Selector{}}, {Block: netip.MustParsePrefix("10.0.0.0/8"), Except: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}},
				Ports: []PolicyPort{{"TCP", PortOrName{Name: "http"}, 0}, {"UDP", PortOrName{Port: 1000}, 2000}},
			}},
		}},
		Nodes: []Node{{
			Meta: meta("", "node2"), Addresses: []netip.Addr{netip.MustParseAddr("192.168.1.11")}, PodNetworks: []netip.Prefix{netip.MustParsePrefix("10.244.2.0/24")},
			Conditions: []Condition{{Type: "Ready", Status: "True"}},
		}},
		Namespaces: []Namespace{ns},
		Workloads:  []Workload{{Meta: meta("shop", "web"), Kind: "Deployment", Pods: Selector{Labels: web}, Template: web}},
		Configs:    []ConfigMap{{meta("kube-system", "coredns"), map[string]string{"Corefile": "forward . 8.8.8.8"}}},
		Taken:      at("05:00:00"),
		Heard:      at("05:00:00"),
	}
}

// prefixes and addresses are compared by their values.
var byValue = cmp.Options{cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })}

func TestRead(t *testing.T) {
	items := []string{pod, service1, slice1, policy1, others}
	asYAML := func(text string) string {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		b, err := yaml.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var documents []string
	var plain []any
	if err := json.Unmarshal([]byte("["+strings.Join(items, ",")+"]"), &plain); err != nil {
		t.Fatal(err)
	}
	for _, v := range plain {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, asYAML(string(b)))
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	archive := tar.NewWriter(z)
	if err := archive.WriteHeader(&tar.Header{Name: "f", Typeflag: tar.TypeReg, Size: int64(len(list(items...))), Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	io.WriteString(archive, list(items...))
	archive.Close()
	z.Close()
	tests := map[string]string{
		"list":                    list(items...),
		"one behind the other":    strings.Replace(strings.Join(items, "\n"), "},\n{", "}\n{", -1),
		"indented":                indented(t, list(items...)),
		"YAML list":               asYAML(list(items...)),
		"YAML list, items inside": strings.ReplaceAll("kind: List\napiVersion: v1\nitems:\n"+asYAML("["+strings.Join(items, ",")+"]")+"metadata:\n    resourceVersion: \"\"\n", "\n", "\r\n"),
		"YAML documents":          "# a comment\n---\n" + strings.Join(documents, "---\n"),
		"an archive, compressed":  packed.String(),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(all(), Read([]File{file("f", text)}), byValue); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func indented(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "    "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestReadDropsSecrets looks for what must not be kept in all that is.
func TestReadDropsSecrets(t *testing.T) {
	s := Read([]File{file("f", list(pod, service1, others))})
	if text := fmt.Sprintf("%+v", *s); strings.Contains(text, "hidden") {
		t.Error(text)
	}
}

func TestReadList(t *testing.T) {
	s := Read([]File{file("f", `{"kind": "NamespaceList", "apiVersion": "v1", "metadata": {}, "items": [{"metadata": {"name": "shop"}}]}`)})
	if len(s.Namespaces) != 1 || s.Namespaces[0].Name != "shop" || s.Warnings != nil {
		t.Errorf("%+v", s)
	}
}

func TestReadWarns(t *testing.T) {
	good := `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}`
	tests := []struct {
		name, text string
		namespaces int
		want       []string
	}{
		{"empty", "", 0, []string{"f: empty"}},
		{"foreign text", "hello", 0, []string{"f: " + errForeign.Error()}},
		{"foreign JSON", `{"scenario": "x"}`, 0, []string{"f: " + errForeign.Error()}},
		{"a foreign kind", `{"apiVersion": "v1", "kind": "Event", "metadata": {"name": 3}}`, 0, nil},
		{"an empty list", `{"apiVersion": "v1", "kind": "List", "items": []}`, 0, nil},
		{"null", `{"apiVersion": "v1", "kind": "List", "items": null}`, 0, nil},
		{"cut", list(good, good)[:150], 1, []string{"f: not read to its end: it ends early"}},
		{"broken", `{"apiVersion": "v1", "kind": "List", "items": [` + good + `, {]`, 1, []string{"f: not read to its end: invalid character ']'"}},
		{
			"mistyped", list(good, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n"}, "spec": {"containers": 3}}`, good), 2,
			[]string{"f: Pod n/p left out: spec.containers is not what it should be"},
		},
		{"no time", list(good, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "creationTimestamp": "yesterday"}}`), 1, []string{"f: Pod p left out: metadata.creationTimestamp is not what it should be"}},
		{"without a name", list(`{"apiVersion": "v1", "kind": "Pod", "metadata": {}}`), 0, []string{"f: Pod  left out: a Pod without a name"}},
		{"a capture", "\xd4\xc3\xb2\xa1 and so on", 0, nil},
		{"a dump", "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN", 0, nil},
		{"YAML in JSON's place", "kind: [", 0, []string{"f: an object left out: "}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := Read([]File{file("f", test.text), file("g", good)})
			if len(s.Namespaces) != test.namespaces+1 {
				t.Errorf("%d namespaces", len(s.Namespaces))
			}
			if len(s.Warnings) < len(test.want) {
				t.Fatalf("%q", s.Warnings)
			}
			for i, w := range s.Warnings[:len(test.want)] {
				if !strings.HasPrefix(w, test.want[i]) {
					t.Errorf("%q, not %q", w, test.want[i])
				}
			}
			if test.want == nil && s.Warnings != nil {
				t.Errorf("%q", s.Warnings)
			}
		})
	}
	unreadable := File{"f", func() (io.ReadCloser, error) { return nil, errors.New("no such file") }}
	if s := Read([]File{unreadable}); !reflect.DeepEqual(s.Warnings, []string{"f: no such file"}) {
		t.Errorf("%q", s.Warnings)
	}
}

// BenchmarkRead reads what kubectl prints of 5,000 pods and 2,000 Services, 12 KB each as pods often are.
func BenchmarkRead(b *testing.B) {
	filler := strings.Repeat(`{"name": "SOME_VARIABLE", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},`, 60)
	filled := strings.Replace(pod, `{"name": "PASSWORD"`, filler+`{"name": "PASSWORD"`, 1)
	var items []string
	for range 5000 {
		items = append(items, filled)
	}
	for range 2000 {
		items = append(items, service1, slice1)
	}
	var text bytes.Buffer
	if err := json.Indent(&text, []byte(list(items...)), "", "    "); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if s := Read([]File{file("f", text.String())}); len(s.Pods) != 5000 || s.Warnings != nil {
			b.Fatal(len(s.Pods), s.Warnings)
		}
	}
}
