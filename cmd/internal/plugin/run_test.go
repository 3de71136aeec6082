package plugin

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/util/exec"

	"github.com/netsift/netsift/cmd/internal/netsift"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/decode/capture"
)

// locked is a buffer that several goroutines write to.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// testEnv is an Env without a terminal in which nobody interrupts.
func testEnv() (e *Env, stdout, stderr *locked) {
	stdout, stderr = &locked{}, &locked{}
	e = &Env{Env: netsift.SystemEnv(), Interrupts: make(chan os.Signal, 3)}
	e.Stdin, e.Stdout, e.Stderr, e.StdinTTY, e.StdoutTTY, e.StderrTTY = strings.NewReader(""), stdout, stderr, false, false, false
	e.Exit = func(int) {}
	return e, stdout, stderr
}

// nodeCapture is what tcpdump does in the capture pod of a node.
type nodeCapture struct {
	// pcap is written in pieces; those before the last end without a word, as when a kubelet restarts.
	sessions [][]byte
	said     string
	filters  []string
	began    int
}

// tcpdumps is an execute that does what the scripts do.
type tcpdumps struct {
	mu    sync.Mutex
	nodes map[string]*nodeCapture // by the name of the node
	// through is called when everything has been written.
	through func()
	left    int
}

func (x *tcpdumps) execute(ctx context.Context, pod string, command []string, in io.Reader, out, said io.Writer) error {
	node := strings.TrimSuffix(strings.TrimPrefix(pod, "netsift-"), "-abcde")
	if in == nil {
		fmt.Fprintf(out, "\n%sip-addr.txt\n1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n\n%s\n", dumpBoundary, dumpBoundary)
		return nil
	}
	x.mu.Lock()
	n := x.nodes[node]
	if n == nil {
		x.mu.Unlock()
		return fmt.Errorf("no node %q", node)
	}
	i := n.began
	n.began++
	x.mu.Unlock()
	io.WriteString(out, socketLists+socketsEnd+"\n")
	var filter strings.Builder
	for b := make([]byte, 1); b[0] != '\n'; {
		if _, err := in.Read(b); err != nil {
			return err
		}
		filter.Write(b)
	}
	n.filters = append(n.filters, strings.TrimSpace(filter.String()))
	if n.said != "" && len(n.sessions) == 0 {
		io.WriteString(said, n.said)
		return exec.CodeExitError{Err: errors.New("command terminated with exit code 1"), Code: 1}
	}
	fmt.Fprintln(said, "tcpdump: listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 256 bytes")
	for b := n.sessions[i]; len(b) > 0; {
		k := min(len(b), 1000)
		if _, err := out.Write(b[:k]); err != nil {
			return err
		}
		b = b[k:]
	}
	if i+1 < len(n.sessions) {
		return nil
	}
	x.mu.Lock()
	if x.left--; x.left == 0 {
		x.through()
	}
	x.mu.Unlock()
	io.Copy(io.Discard, in) // until the end of the input
	if n.said != "" {
		io.WriteString(said, n.said)
	}
	return nil
}

// pcapFrom returns the frames of a capture as tcpdump writes them, and where each begins.
func pcapFrom(t *testing.T, file []byte) (b []byte, at []int) {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	order := binary.LittleEndian
	for block := (capture.Block{}); r.Read(&block) == nil; {
		for i := range block.Frames {
			f := &block.Frames[i]
			if b == nil {
				b = order.AppendUint32(b, 0xa1b23c4d)
				b = order.AppendUint32(b, 2|4<<16)
				b = append(b, make([]byte, 8)...)
				b = order.AppendUint32(b, 262144)
				b = order.AppendUint32(b, uint32(r.Interfaces()[f.Interface].Link))
			}
			at = append(at, len(b))
			b = order.AppendUint32(b, uint32(f.Time/1e9))
			b = order.AppendUint32(b, uint32(f.Time%1e9))
			b = order.AppendUint32(b, f.Cap)
			b = order.AppendUint32(b, f.Wire)
			b = append(b, block.Bytes(f)...)
		}
	}
	return b, at
}

const lastLines = "123 packets captured\n456 packets received by filter\n7 packets dropped by kernel\n"

// twoNodes returns what tcpdump writes on both nodes of a case, and how many frames there are on the first.
func twoNodes(t *testing.T) (nodes map[string]*nodeCapture, at []int) {
	t.Helper()
	for _, c := range cases.Some(false) {
		if c.Name != "cni-mtu-blackhole" {
			continue
		}
		nodes = map[string]*nodeCapture{}
		for i, f := range c.Play().Files() {
			b, offsets := pcapFrom(t, f.Data)
			if i == 0 {
				at = offsets
			}
			nodes[fmt.Sprintf("node%d", i+1)] = &nodeCapture{sessions: [][]byte{b}, said: lastLines}
		}
	}
	if len(nodes) != 2 {
		t.Fatalf("the case has %d captures", len(nodes))
	}
	return nodes, at
}

// runOn runs a command line on a cluster, until everything has been captured.
func runOn(t *testing.T, c *fakeCluster, nodes map[string]*nodeCapture, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	e, out, said := testEnv()
	p := &program{env: e, stop: func() {}, connect: func(*genericclioptions.ConfigFlags, string) (*cluster, error) { return c.cluster, nil }}
	command := p.command()
	x := &tcpdumps{nodes: nodes}
	for _, n := range nodes {
		x.left += min(len(n.sessions), 1)
	}
	x.through = func() { go func() { (<-p.finishing)() }() }
	c.execute = x.execute
	command.SetArgs(args)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := command.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(said, err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%v does not end: %s", args, said)
	}
	if code = p.code; err != nil {
		code = exitCode(err)
	}
	left, err := c.kube.CoreV1().Pods("netsift").List(context.Background(), metav1.ListOptions{})
	if err != nil || len(left.Items) > 0 {
		t.Errorf("pods are left: %v, %v", left.Items, err)
	}
	return code, out.String(), said.String()
}

// endOf returns the report of the last event of netsift live.
func endOf(t *testing.T, events string) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(events), "\n")
	var end struct{ Report map[string]any }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil || end.Report == nil {
		t.Fatalf("%v in %.200s", err, lines[len(lines)-1])
	}
	return end.Report
}

// TestRun: what the plugin reports is what netsift analyze reports on the bundle that it saves, drops of the kernel included.
func TestRun(t *testing.T) {
	t.Parallel()
	nodes, _ := twoNodes(t)
	folder := filepath.Join(t.TempDir(), "case")
	code, stdout, stderr := runOn(t, shop(), nodes, "pod/client", "shop/web-1", "--save", folder, "-o", "json")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	live := endOf(t, stdout)
	e, out, said := testEnv()
	if code := netsift.Run(context.Background(), e.Env, []string{"analyze", folder, "-o", "json"}); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	var stored map[string]any
	if err := json.Unmarshal([]byte(out.String()), &stored); err != nil {
		t.Fatal(err)
	}
	for _, c := range live["captures"].([]any) {
		delete(c.(map[string]any), "stream")
		if dropped := c.(map[string]any)["dropped"]; dropped != 7.0 {
			t.Errorf("dropped: %v", dropped)
		}
	}
	for _, c := range stored["captures"].([]any) {
		delete(c.(map[string]any), "stream")
		file := c.(map[string]any)
		file["file"] = filepath.Base(file["file"].(string))
	}
	var rules []any
	for _, r := range []map[string]any{live, stored} {
		for _, f := range r["findings"].([]any) {
			if f := f.(map[string]any); f["layer"] == "capture" {
				delete(f, "id") // it has the whole path of the file in it
			} else {
				rules = append(rules, f["rule"])
			}
		}
	}
	if d := cmp.Diff([]any{"cni-mtu-blackhole", "cni-mtu-blackhole"}, rules); d != "" {
		t.Error(d)
	}
	for _, what := range []string{"captures", "findings", "verdict", "summary", "cluster"} {
		a, _ := json.MarshalIndent(stored[what], "", " ")
		b, _ := json.MarshalIndent(live[what], "", " ")
		if d := cmp.Diff(strings.ReplaceAll(string(a), folder+"/", ""), string(b)); d != "" {
			t.Errorf("%s: -analyze +live\n%s", what, d)
		}
	}
	for name, n := range nodes {
		if len(n.filters) != 1 || n.filters[0] != "not (tcp port 10250 and (port 56789)) and not (tcp and net 127.0.0.0/8 and port 41395 and port 50010)" {
			t.Errorf("%s: %q", name, n.filters)
		}
	}
	for _, want := range []string{"node1 (default/pod/client)", "node1: its kernel lost 7 of 456 packets", "saved in " + folder, "node2: its own stream was left out, by the filter not (tcp port 10250"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is missing in %s", want, stderr)
		}
	}
}

// TestResume: a stream that ends without tcpdump's last words, torn within a packet, is begun anew, and both parts are one capture.
func TestResume(t *testing.T) {
	t.Parallel()
	nodes, at := twoNodes(t)
	n := nodes["node1"]
	whole := n.sessions[0]
	middle := at[len(at)/2]
	second := append(append([]byte{}, whole[:pcapHeader]...), whole[at[len(at)/2+1]:]...)
	n.sessions = [][]byte{whole[:middle+20], second} // of the packet at the middle only 4 bytes came
	folder := filepath.Join(t.TempDir(), "case")
	code, stdout, stderr := runOn(t, shop(), nodes, "pod/client", "shop/web-1", "--save", folder, "-o", "json")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	first := endOf(t, stdout)["captures"].([]any)[0].(map[string]any)
	if first["frames"] != float64(len(at)-1) || first["damage"] != nil && len(first["damage"].([]any)) > 0 {
		t.Errorf("of %d frames: %v", len(at), first)
	}
	for _, want := range []string{"node1: the stream ended early (without a word", "node1: its stream ended early 1 times", "node1: how many packets its kernel lost is not known of all of the time"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is missing in %s", want, stderr)
		}
	}
}

// TestNoTcpdump: what tcpdump has against it is said, and what other nodes show is reported.
func TestNoTcpdump(t *testing.T) {
	t.Parallel()
	nodes, _ := twoNodes(t)
	nodes["node1"].sessions, nodes["node1"].said = nil, "tcpdump: any: You don't have permission to perform this capture on that device\n"
	code, stdout, stderr := runOn(t, shop(), nodes, "pod/client", "shop/web-1", "-o", "json")
	if code != 0 || !strings.Contains(stderr, "node1: tcpdump captures nothing: tcpdump: any: You don't have permission") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if n := nodes["node1"].began; n != 1 {
		t.Errorf("tried %d times", n)
	}
	if second := endOf(t, stdout)["captures"].([]any)[1].(map[string]any); second["frames"] == 0.0 {
		t.Errorf("%v", second)
	}
}

// TestInterrupts: the first interrupt ends what is captured, the second leaves, the third does so at once; where nothing is captured yet, the first leaves.
func TestInterrupts(t *testing.T) {
	for _, capturing := range []bool{true, false} {
		interrupts := make(chan os.Signal)
		happened := make(chan string)
		p := &program{env: &Env{Env: &netsift.Env{Exit: func(int) { happened <- "exit" }}, Interrupts: interrupts}, finishing: make(chan func(), 1), stop: func() { happened <- "leave" }}
		want := []string{"leave", "exit"}
		if capturing {
			want = []string{"finish", "leave", "exit"}
			p.finishing <- func() { happened <- "finish" }
		}
		go p.interrupted()
		for _, w := range want {
			interrupts <- os.Interrupt
			if got := <-happened; got != w {
				t.Errorf("capturing %v: %s, want %s", capturing, got, w)
			}
		}
	}
}

// TestSayClean: what a kubelet or a registry says moves no cursor.
func TestSayClean(t *testing.T) {
	var said strings.Builder
	r := &run{env: &Env{Env: &netsift.Env{Stderr: &said}}}
	r.say("%s is left out: %v", "node1", "\x1b[2Jgone\r\n")
	if got := said.String(); got != "netsift: node1 is left out: \\x1b[2Jgone\\x0d\\x0a\n" {
		t.Errorf("%q", got)
	}
}
