package plugin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	clienttesting "k8s.io/client-go/testing"
)

// fakeCluster is a cluster of these objects, in which capture pods run as soon as they are made and everything is allowed.
type fakeCluster struct {
	*cluster
	kube *fake.Clientset
	// forbidden are permissions that the user does not have.
	forbidden []string
}

func newFakeCluster(objects ...runtime.Object) *fakeCluster {
	f := &fakeCluster{kube: fake.NewClientset(objects...)}
	f.cluster = &cluster{kube: f.kube, objects: dynamicfake.NewSimpleDynamicClient(scheme.Scheme, objects...), namespace: "default", pods: "netsift"}
	f.kube.PrependReactor("create", "selfsubjectaccessreviews", func(a clienttesting.Action) (bool, runtime.Object, error) {
		r := a.(clienttesting.CreateAction).GetObject().(*authorizationv1.SelfSubjectAccessReview).DeepCopy()
		w := r.Spec.ResourceAttributes
		r.Status.Allowed = !slices.Contains(f.forbidden, permission{w.Verb, w.Group, w.Resource, w.Subresource}.String())
		return true, r, nil
	})
	f.kube.PrependReactor("create", "pods", func(a clienttesting.Action) (bool, runtime.Object, error) {
		p := a.(clienttesting.CreateAction).GetObject().(*corev1.Pod)
		if p.Name == "" {
			p.Name = p.GenerateName + "abcde"
		}
		p.Status.Phase = corev1.PodRunning
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
		return false, nil, nil
	})
	return f
}

func object(namespace, name string, labels map[string]string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels}
}

func podOn(namespace, name, node string, labels map[string]string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: object(namespace, name, labels), Spec: corev1.PodSpec{NodeName: node}, Status: corev1.PodStatus{Phase: corev1.PodRunning}}
}

func nodeNamed(name, address string) *corev1.Node {
	return &corev1.Node{ObjectMeta: object("", name, nil), Status: corev1.NodeStatus{
		Addresses:  []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: address}},
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
	}}
}

// shop is a cluster with a web shop in it.
func shop() *fakeCluster {
	web := map[string]string{"app": "web"}
	ended := podOn("shop", "web-0", "node5", web)
	ended.Status.Phase = corev1.PodFailed
	node := "node3"
	return newFakeCluster(
		nodeNamed("node1", "192.168.77.10"), nodeNamed("node2", "192.168.77.11"), nodeNamed("node3", "192.168.77.12"),
		&corev1.Namespace{ObjectMeta: object("", "netsift", nil)},
		podOn("default", "client", "node1", nil), podOn("shop", "web-1", "node2", web), podOn("shop", "web-2", "node1", web), ended,
		podOn("shop", "waits", "", map[string]string{"app": "waits"}),
		podOn("kube-system", "coredns-1", "node2", map[string]string{"k8s-app": "kube-dns"}),
		&corev1.Service{ObjectMeta: object("kube-system", "kube-dns", nil), Spec: corev1.ServiceSpec{Selector: map[string]string{"k8s-app": "kube-dns"}}},
		&corev1.Service{ObjectMeta: object("shop", "web", nil), Spec: corev1.ServiceSpec{Selector: web}},
		&corev1.Service{ObjectMeta: object("shop", "empty", nil), Spec: corev1.ServiceSpec{Selector: map[string]string{"app": "none"}}},
		&corev1.Service{ObjectMeta: object("shop", "outside", nil)},
		&discoveryv1.EndpointSlice{
			ObjectMeta: object("shop", "outside-x", map[string]string{discoveryv1.LabelServiceName: "outside"}), AddressType: discoveryv1.AddressTypeIPv4,
			Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"10.0.0.1"}, NodeName: &node}, {Addresses: []string{"203.0.113.7"}}},
		},
		&appsv1.Deployment{ObjectMeta: object("shop", "web", nil), Spec: appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: web}}},
		&appsv1.Deployment{ObjectMeta: object("shop", "waits", nil), Spec: appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "waits"}}}},
	)
}

func TestTargets(t *testing.T) {
	for _, x := range []struct{ args, nodes, says string }{
		{"client", "node1(default/pod/client)", ""},
		{"pod/client po/client pods/client", "node1(default/pod/client)", ""},
		{"shop/web-1", "node2(shop/pod/web-1)", ""},
		{"shop/svc/web", "node2(shop/svc/web) node1(shop/svc/web)", ""},
		{"shop/deployment/web client", "node2(shop/deploy/web) node1(shop/deploy/web default/pod/client)", ""},
		{"shop/svc/outside", "node3(shop/svc/outside)", ""},
		{"node/node2 no/node2", "node2(node/node2)", ""},
		{"--dns client", "node1(default/pod/client) node2(kube-system/svc/kube-dns)", ""},
		{"client shop/svc/empty shop/deploy/waits", "node1(default/pod/client)", "shop/svc/empty, shop/deploy/waits: there are no pods of it on any node"},
		{"shop/svc/empty", "node1() node2() node3()", "shop/svc/empty: there are no pods of it on any node"},
		{"", "node1() node2() node3()", ""},
		{"shop/web-3", "", "shop/pod/web-3: there is no such pod in namespace shop"},
		{"shop/web", "", "shop/pod/web: there is no such pod; did you mean svc/web or deploy/web?"},
		{"svc/web", "", "default/svc/web: there is none of that name"},
		{"node/node9", "", "node/node9: there is none of that name"},
		{"shop/web/svc", "", `"shop/web/svc": write a target as POD`},
		{"svc/", "", `"svc/": write a target as POD`},
	} {
		c := shop()
		e, _, stderr := testEnv()
		o := &options{targets: strings.Fields(x.args)}
		if o.dns = len(o.targets) > 0 && o.targets[0] == "--dns"; o.dns {
			o.targets = o.targets[1:]
		}
		p, _, err := newRun(e, c.cluster, o).nodes(context.Background())
		said := stderr.String()
		if err != nil {
			said = err.Error()
		}
		var got []string
		if p != nil {
			for _, n := range p.list {
				got = append(got, n.node+"("+strings.Join(n.why, " ")+")")
			}
		}
		if strings.Join(got, " ") != x.nodes || x.says == "" && said != "" || !strings.Contains(said, x.says) {
			t.Errorf("%s: %s\n%s", x.args, got, said)
		}
	}
}

func TestTooManyNodes(t *testing.T) {
	var nodes []runtime.Object
	for i := range mostNodes + 1 {
		nodes = append(nodes, nodeNamed("n"+string(rune('a'+i)), "10.0.0.1"))
	}
	c := newFakeCluster(nodes...)
	e, _, _ := testEnv()
	if _, _, err := newRun(e, c.cluster, &options{}).nodes(context.Background()); err == nil || !strings.Contains(err.Error(), "--all-nodes") {
		t.Errorf("%v", err)
	}
	p, _, err := newRun(e, c.cluster, &options{all: true}).nodes(context.Background())
	if err != nil || len(p.list) != mostNodes+1 {
		t.Errorf("%v, %v", p, err)
	}
}

func TestPermissions(t *testing.T) {
	none := func(string, ...any) {}
	for _, x := range []struct {
		forbidden []string
		made      bool
		says      string
	}{
		{nil, true, ""},
		{[]string{"list nodes"}, true, ""},
		{[]string{"create pods/exec", "delete pods"}, true, "you may not delete pods, create pods/exec in namespace netsift; "},
		{nil, false, ""},
		{[]string{"create namespaces"}, false, "there is no namespace netsift for the capture pods, and you may not make it; who may can: kubectl create namespace netsift && kubectl label"},
	} {
		c := newFakeCluster()
		if x.made {
			c = newFakeCluster(&corev1.Namespace{ObjectMeta: object("", "netsift", nil)})
		}
		c.forbidden = x.forbidden
		err := c.ready(context.Background(), none)
		if (err == nil) != (x.says == "") || err != nil && !strings.Contains(err.Error(), x.says) {
			t.Errorf("%v: %v", x.forbidden, err)
		}
		if err != nil && exitCode(err) != 3 {
			t.Errorf("exit code %d", exitCode(err))
		}
		if err == nil && !x.made {
			ns, err := c.kube.CoreV1().Namespaces().Get(context.Background(), "netsift", metav1.GetOptions{})
			if err != nil || ns.Labels["pod-security.kubernetes.io/enforce"] != "privileged" || ns.Labels[managedBy] != application {
				t.Errorf("%v, %v", ns, err)
			}
		}
	}
}

// TestRefusals: why a capture pod is refused, and what to do, is said in a sentence.
func TestRefusals(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	for _, x := range []struct {
		err  error
		says string
	}{
		{
			apierrors.NewForbidden(pods, "netsift-node1-", errors.New(`violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)`)),
			"kubectl label --overwrite namespace netsift pod-security.kubernetes.io/enforce=privileged",
		},
		{apierrors.NewForbidden(pods, "netsift-node1-", errors.New("exceeded quota: pods")), "the capture pod is refused"},
		{apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "netsift"), "there is no namespace netsift"},
	} {
		c := newFakeCluster()
		c.kube.PrependReactor("create", "pods", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, x.err })
		if _, err := c.createPod(context.Background(), capturePod("node1", "1", DefaultImage, podMargin)); err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%v: %v", x.err, err)
		}
	}
}

func TestPodState(t *testing.T) {
	waiting := func(reason, message string) corev1.PodStatus {
		return corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}}}
	}
	for _, x := range []struct {
		status     corev1.PodStatus
		doing, err string
	}{
		{corev1.PodStatus{Phase: corev1.PodPending}, "the kubelet of the node has not taken the capture pod yet", ""},
		{waiting("ContainerCreating", ""), "the container starts (ContainerCreating)", ""},
		{waiting("ErrImagePull", "failed to\n pull"), "", "the image x:1 can't be pulled there (failed to pull); name one with sh and tcpdump that can: --image IMAGE"},
		{waiting("ImagePullBackOff", ""), "", "the image x:1 can't be pulled there (ImagePullBackOff)"},
		{waiting("RunContainerError", "sh: no such file"), "", "can't be started: sh: no such file"},
		{corev1.PodStatus{Phase: corev1.PodFailed, Reason: "OutOfpods", Message: "Node didn't have enough resource: pods"}, "", "the capture pod ended: OutOfpods Node didn't have enough"},
		{corev1.PodStatus{Phase: corev1.PodFailed, ContainerStatuses: []corev1.ContainerStatus{{State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Error", ExitCode: 127}}}}}, "", "Error, exit code 127"},
	} {
		doing, err := podState(&corev1.Pod{Status: x.status}, "x:1")
		if doing != x.doing || (err == nil) != (x.err == "") || err != nil && !strings.Contains(err.Error(), x.err) {
			t.Errorf("%+v: %q, %v", x.status, doing, err)
		}
	}
}

// TestSnapshotObjects: what is private is in no snapshot, and what the user may not list is named.
func TestSnapshotObjects(t *testing.T) {
	p := podOn("shop", "web-1", "node1", map[string]string{"app": "web"})
	p.Annotations = map[string]string{"note": "secret-1"}
	p.Spec.Containers = []corev1.Container{{Name: "web", Command: []string{"secret-2"}, Env: []corev1.EnvVar{{Name: "PASSWORD", Value: "secret-3"}}, Ports: []corev1.ContainerPort{{ContainerPort: 8080}}}}
	d := &appsv1.Deployment{ObjectMeta: object("shop", "web", nil)}
	d.Spec.Template.Annotations = map[string]string{"note": "secret-4"}
	d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "web", Args: []string{"secret-5"}}}
	c := newFakeCluster(
		p, d, nodeNamed("node1", "192.168.77.10"), &corev1.Secret{ObjectMeta: object("shop", "secret-6", nil)},
		&corev1.ConfigMap{ObjectMeta: object("kube-system", "coredns", nil), Data: map[string]string{"Corefile": ". {}"}},
		&corev1.ConfigMap{ObjectMeta: object("shop", "secret-7", nil)},
	)
	objects := c.objects.(*dynamicfake.FakeDynamicClient)
	objects.PrependReactor("list", "networkpolicies", func(a clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: "networkpolicies"}, "", errors.New("no"))
	})
	objects.PrependReactor("list", "services", func(a clienttesting.Action) (bool, runtime.Object, error) {
		if a.GetNamespace() == "" {
			return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: "services"}, "", errors.New("no"))
		}
		return false, nil, nil
	})
	list, missing, err := c.snapshotObjects(context.Background(), []string{"shop"})
	if err != nil {
		t.Fatal(err)
	}
	text := string(list)
	if strings.Contains(text, "secret-") {
		t.Error(text)
	}
	for _, want := range []string{`"kind": "List"`, `"kind": "Pod"`, `"kind": "Deployment"`, `"apiVersion": "apps/v1"`, `"containerPort": 8080`, `"kind": "Node"`, `"Corefile"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
	if d := cmp.Diff([]string{"services (but for those of shop)", "networkpolicies (not allowed)"}, missing); d != "" {
		t.Error(d)
	}
}
