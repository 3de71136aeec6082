//go:build cluster

package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/netsift/netsift/cmd/internal/netsift"
)

// real is a cluster that may be played with, and the plugin as a user has it.
type real struct {
	*testing.T
	kube    kubernetes.Interface
	program string
	image   string
	// namespace is made for the test, and a client runs in it.
	namespace string
}

// built builds the plugin, once for all tests. The folder is left to the system's cleaning of temporary ones.
var built = sync.OnceValue(func() string {
	folder, err := os.MkdirTemp("", "netsift-real-*")
	if err != nil {
		panic(err)
	}
	program := filepath.Join(folder, "kubectl-netsift")
	if out, err := exec.Command("go", "build", "-o", program, "../../kubectl-netsift").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v\n%s", err, out))
	}
	return program
})

// capturePods is the namespace of capture pods in these tests.
const capturePods = "netsift-real-pods"

// onRealCluster needs KUBECONFIG, whose user may do everything, and NETSIFT_IMAGE, an image that the nodes have or can pull (the default one if it is
// not set), with curl in it.
func onRealCluster(t *testing.T) *real {
	path := os.Getenv("KUBECONFIG")
	if path == "" {
		t.Skip("KUBECONFIG names no cluster")
	}
	cfg, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	x := &real{T: t, kube: kubernetes.NewForConfigOrDie(cfg), program: built(), image: os.Getenv("NETSIFT_IMAGE")}
	if x.image == "" {
		x.image = DefaultImage
	}
	ns, err := x.kube.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "netsift-real-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x.namespace = ns.Name
	t.Cleanup(func() { x.kube.CoreV1().Namespaces().Delete(context.Background(), ns.Name, metav1.DeleteOptions{}) })
	return x
}

// client has a client call the Service "none", which selects no pods, again and again.
func (x *real) client() {
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "none"}, Spec: corev1.ServiceSpec{Selector: map[string]string{"app": "none"}, Ports: []corev1.ServicePort{{Port: 80}}}}
	service, err := x.kube.CoreV1().Services(x.namespace).Create(x.Context(), service, metav1.CreateOptions{})
	if err != nil {
		x.Fatal(err)
	}
	grace := int64(0)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "client"}, Spec: corev1.PodSpec{TerminationGracePeriodSeconds: &grace, Containers: []corev1.Container{{
		Name: "client", Image: x.image, Command: []string{"sh", "-c", "while :; do curl -s -m 2 -o /dev/null http://" + service.Spec.ClusterIP + "/; sleep 0.3; done"},
	}}}}
	if _, err := x.kube.CoreV1().Pods(x.namespace).Create(x.Context(), pod, metav1.CreateOptions{}); err != nil {
		x.Fatal(err)
	}
	x.until("the client runs", time.Minute, func() bool {
		p, err := x.kube.CoreV1().Pods(x.namespace).Get(x.Context(), "client", metav1.GetOptions{})
		return err == nil && p.Status.Phase == corev1.PodRunning
	})
}

func (x *real) until(what string, patience time.Duration, ok func() bool) {
	x.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			x.Fatalf("after %v it is not so that %s", patience, what)
		}
	}
}

// command returns the plugin with arguments.
func (x *real) command(args ...string) (c *exec.Cmd, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	c = exec.Command(x.program, append(args, "--image", x.image, "-n", x.namespace)...)
	if !strings.Contains(strings.Join(args, " "), "--pod-namespace") {
		c.Args = append(c.Args, "--pod-namespace", capturePods)
	}
	c.Stdout, c.Stderr = stdout, stderr
	return c, stdout, stderr
}

// running returns the capture pods that have not ended.
func (x *real) running() (names []string) {
	pods, err := x.kube.CoreV1().Pods(capturePods).List(x.Context(), metav1.ListOptions{LabelSelector: managedBy + "=" + application})
	if err != nil {
		x.Fatal(err)
	}
	for _, p := range pods.Items {
		if p.Status.Phase == corev1.PodRunning || p.Status.Phase == corev1.PodPending {
			names = append(names, p.Name)
		}
	}
	return names
}

// TestRealFinding: of a Service without pods the first finding ends the run; it has names and the cause, and the bundle says the same.
func TestRealFinding(t *testing.T) {
	x := onRealCluster(t)
	x.client()
	folder := filepath.Join(t.TempDir(), "case")
	c, stdout, stderr := x.command("pod/client", "svc/none", "--until-finding", "--save", folder, "-o", "json")
	began := time.Now()
	if err := c.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	t.Logf("%v\n%s", time.Since(began).Round(time.Millisecond), stderr)
	type finding struct {
		ID, Rule string
		Root     *struct{ Kind string }
		Objects  *struct{ Client *struct{ Name string } }
	}
	named := func(list []finding) bool {
		for _, f := range list {
			if f.Rule == "svc-no-endpoints" && f.Root != nil && f.Root.Kind == "no-pods" && f.Objects != nil && f.Objects.Client != nil && f.Objects.Client.Name == "client" {
				return true
			}
		}
		return false
	}
	lines := bytes.Split(bytes.TrimSpace(stdout.Bytes()), []byte("\n"))
	var end struct{ Report struct{ Findings []finding } }
	if err := json.Unmarshal(lines[len(lines)-1], &end); err != nil || !named(end.Report.Findings) {
		t.Errorf("%v in %s", err, lines[len(lines)-1])
	}
	if left := x.running(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	e, out, said := testEnv()
	if code := netsift.Run(t.Context(), e.Env, []string{"analyze", folder, "-o", "json"}); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	var stored struct{ Findings []finding }
	if err := json.Unmarshal([]byte(out.String()), &stored); err != nil || !named(stored.Findings) {
		t.Errorf("%v in %s", err, out)
	}
}

// TestRealInterrupt: the first interrupt ends with the report, also of a service manager's kind, and leaves nothing.
func TestRealInterrupt(t *testing.T) {
	x := onRealCluster(t)
	x.client()
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		c, stdout, stderr := x.command("pod/client")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(8 * time.Second)
		c.Process.Signal(s)
		if err := c.Wait(); err != nil || !strings.Contains(stdout.String(), "svc-no-endpoints") {
			t.Errorf("%v: %v\n%s\n%s", s, err, stdout, stderr)
		}
		if left := x.running(); len(left) > 0 {
			t.Errorf("%v: left: %v", s, left)
		}
	}
}

// TestRealKill kills the plugin at random moments: after a minute nothing runs on any node.
func TestRealKill(t *testing.T) {
	x := onRealCluster(t)
	for range 5 {
		c, _, _ := x.command()
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(6000)) * time.Millisecond)
		c.Process.Kill()
		c.Wait()
	}
	t.Logf("left at once: %v", x.running())
	x.until("no capture pod runs", time.Minute, func() bool { return len(x.running()) == 0 })
	c, _, stderr := x.command("cleanup")
	c.Args = []string{x.program, "cleanup", "--pod-namespace", capturePods}
	if err := c.Run(); err != nil {
		t.Errorf("%v, %s", err, stderr)
	}
	pods, err := x.kube.CoreV1().Pods(capturePods).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(pods.Items) > 0 {
		t.Errorf("%v, %v", pods, err)
	}
}

// TestRealRefusals: each thing that is forbidden has a sentence of its own.
func TestRealRefusals(t *testing.T) {
	x := onRealCluster(t)
	x.client()
	ns, err := x.kube.CoreV1().Namespaces().Get(t.Context(), x.namespace, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ns.Labels["pod-security.kubernetes.io/enforce"] = "baseline"
	if _, err := x.kube.CoreV1().Namespaces().Update(t.Context(), ns, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*rbacv1.Role{{
		ObjectMeta: metav1.ObjectMeta{Name: "reader"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods", "services"}, Verbs: []string{"get", "list"}}},
	}} {
		if _, err := x.kube.RbacV1().Roles(x.namespace).Create(t.Context(), r, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := x.kube.RbacV1().RoleBindings(x.namespace).Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "reader"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, Name: "reader", APIGroup: rbacv1.GroupName}},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ args, says string }{
		{"pod/client --pod-namespace " + x.namespace, "refuses capture pods, which are in the network of their node"},
		{"pod/client --as reader --pod-namespace " + x.namespace, "you may not create pods, delete pods, get pods/exec, create pods/exec in namespace " + x.namespace},
		{"pod/client --as nobody", "you may not create pods"},
		{"pod/client --image registry.invalid/none:1", "the image registry.invalid/none:1 can't be pulled there"},
		{"svc/nothing", "there is none of that name"},
	} {
		c, _, stderr := x.command(strings.Fields(r.args)...)
		if strings.Contains(r.args, "--image") {
			c.Args = append([]string{x.program}, append(strings.Fields(r.args), "-n", x.namespace, "--pod-namespace", capturePods)...)
		}
		c.Run()
		if !strings.Contains(stderr.String(), r.says) || c.ProcessState.ExitCode() != 3 {
			t.Errorf("%s: exit code %d\n%s", r.args, c.ProcessState.ExitCode(), stderr)
		}
	}
	if left := x.running(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
