//go:build fleet

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"

	"github.com/netsift/netsift/cmd/internal/netsift"
)

// The variables that a process of a fleet is told by.
const portVariable = "NETSIFT_BEAM_PORT"

func init() {
	port := func() int {
		n, err := strconv.Atoi(os.Getenv(portVariable))
		if err != nil {
			panic(err)
		}
		return n
	}
	roles["prism"] = func() {
		if _, err := prism.CreateJobServer(context.Background(), prism.Options{Port: port()}); err != nil {
			panic(err)
		}
		select {}
	}
	roles["worker"] = func() {
		if _, err := extworker.StartLoopback(context.Background(), port()); err != nil {
			panic(err)
		}
		select {}
	}
	roles["analyze"] = func() {
		env := netsift.SystemEnv()
		os.Exit(netsift.Run(env.Context, env, os.Args[1:]))
	}
}

// process is one of a fleet.
type process struct {
	*exec.Cmd
	address string
	said    *bytes.Buffer
	ended   chan struct{}
}

// begin starts a process, and waits until it listens.
func begin(t *testing.T, role string) *process {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	p := &process{exec.Command(os.Args[0]), "localhost:" + port, new(bytes.Buffer), make(chan struct{})}
	p.Env = append(os.Environ(), roleVariable+"="+role, portVariable+"="+port)
	p.Stderr = p.said
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.Wait()
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	for range 300 {
		if c, err := net.Dial("tcp", p.address); err == nil {
			c.Close()
			return p
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s does not listen at %s: %s", role, p.address, p.said)
	return nil
}

// kill ends a process as a machine that fails does.
func (p *process) kill() {
	p.Process.Kill()
	<-p.ended // what it said is here by then
}

// alive reports whether the process has not ended.
func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// peak returns the most memory that the process had, in MB.
func (p *process) peak() int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	n, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	return n >> 10
}

// reads reports whether the process has a capture open.
func (p *process) reads() bool {
	folder := fmt.Sprintf("/proc/%d/fd", p.Process.Pid)
	list, _ := os.ReadDir(folder)
	return slices.ContainsFunc(list, func(e os.DirEntry) bool {
		to, _ := os.Readlink(filepath.Join(folder, e.Name()))
		return strings.HasSuffix(to, ".pcap")
	})
}

// use has the test's next pipelines run on a server, by a worker. Those of the next test run in this process again.
func use(t *testing.T, server, worker *process) {
	endpoint, kind := *jobopts.Endpoint, *jobopts.EnvironmentType
	t.Cleanup(func() { *jobopts.Endpoint, *jobopts.EnvironmentType = endpoint, kind })
	*jobopts.Endpoint, *jobopts.EnvironmentType, *jobopts.EnvironmentConfig = server.address, "external", worker.address
	*jobopts.WorkerBinary = "go.mod" // a worker that runs is not sent its program
}

// TestFleet: with the runner in one process and the worker in another, what the pipeline says of 2 to 64 nodes is what one netsift analyze says. NODES and
// FRAMES (of each node) may be others.
func TestFleet(t *testing.T) {
	frames, _ := strconv.ParseUint(setting("FRAMES", "100000"), 10, 64)
	for _, s := range strings.Fields(setting("NODES", "2 8 32 64")) {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(s, func(t *testing.T) {
			folder := t.TempDir()
			names := nodes(t, folder, n, frames*uint64(n))
			var size int64
			for _, name := range names {
				info, err := os.Stat(name)
				if err != nil {
					t.Fatal(err)
				}
				size += info.Size()
			}
			one := exec.Command(os.Args[0], slices.Concat([]string{"analyze", "-o", "json", "-w", filepath.Join(folder, "want.json")}, names)...)
			one.Env = append(os.Environ(), roleVariable+"=analyze")
			begun := time.Now()
			if said, err := one.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			alone := time.Since(begun)

			server, worker := begin(t, "prism"), begin(t, "worker")
			use(t, server, worker)
			begun = time.Now()
			var text bytes.Buffer
			if err := run(t.Context(), []string{filepath.Join(folder, "*.pcap")}, filepath.Join(folder, "out"), nil, &text); err != nil {
				t.Fatalf("%v\n%s\n%s", err, server.said, worker.said)
			}
			took := time.Since(begun)
			got, want := read(t, filepath.Join(folder, "out.json")), read(t, filepath.Join(folder, "want.json"))
			differ(t, "report", alike(t, got), alike(t, want))
			var r struct {
				Summary struct{ Frames, Connections uint64 }
			}
			if err := json.Unmarshal(got, &r); err != nil {
				t.Fatal(err)
			}
			most := [2]int{worker.peak(), server.peak()}
			server.kill()
			worker.kill()
			said := server.said.String() + worker.said.String()
			// As ReportFn logs it.
			var facts, captures int64
			if _, after, ok := strings.Cut(said, "made of "); !ok {
				t.Errorf("the worker did not say how much it was sent: %s", said)
			} else if _, err := fmt.Sscanf(after, "%d bytes of facts of %d files", &facts, &captures); err != nil || captures != int64(n) {
				t.Errorf("%d bytes of %d captures, %v", facts, captures, err)
			}
			t.Logf("%d nodes, %d MB, %d frames, %d connections, %d bytes of facts: netsift analyze took %.1f s, of which %.1f s of processors; the pipeline %.1f s; at most the worker had %d MB and prism %d MB",
				n, size>>20, r.Summary.Frames, r.Summary.Connections, facts, alone.Seconds(), (one.ProcessState.UserTime() + one.ProcessState.SystemTime()).Seconds(), took.Seconds(), most[0], most[1])
		})
	}
}

// TestKilledWorker: a worker that dies in the middle leaves no report that is not whole. Prism has one worker for a job and does not start another,
// so the job fails; the same job, run again, says what it would have said.
func TestKilledWorker(t *testing.T) {
	folder := t.TempDir()
	names := nodes(t, folder, 4, 800_000)
	want := analyzed(t, slices.Concat([]string{"analyze", "-o", "json"}, names)...)
	output := filepath.Join(folder, "out")
	again := func() error {
		return run(t.Context(), []string{filepath.Join(folder, "*.pcap")}, output, nil, new(bytes.Buffer))
	}

	server, worker := begin(t, "prism"), begin(t, "worker")
	use(t, server, worker)
	killed := make(chan bool, 1)
	go func() {
		for worker.alive() {
			if worker.reads() {
				worker.kill()
				killed <- true
				return
			}
			time.Sleep(time.Millisecond)
		}
		killed <- false
	}()
	err := again()
	if !<-killed {
		t.Fatal("the worker was not killed while it read")
	}
	if err == nil {
		t.Fatal("the job did not fail: prism has learned to start a worker again, and what is said of it is out of date")
	}
	t.Logf("prism is alive: %v; the job failed: %v", server.alive(), err)
	if left, _ := filepath.Glob(output + "*"); left != nil {
		t.Errorf("there is a report: %v", left)
	}
	if !server.alive() {
		server = begin(t, "prism")
	}
	use(t, server, begin(t, "worker"))
	if err := again(); err != nil {
		t.Fatal(err)
	}
	differ(t, "report", alike(t, read(t, output+".json")), alike(t, want))
}

// setting returns a variable of the environment, or what stands for it.
func setting(name, otherwise string) string {
	if s := os.Getenv(name); s != "" {
		return s
	}
	return otherwise
}
