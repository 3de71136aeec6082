//go:build fleet

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"

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

// peak returns the most memory that a process had, in MB.
func peak(pid int) int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	n, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	return n >> 10
}

// has reports whether a process has a file open whose name has this in it.
func has(pid int, in string) bool {
	folder := fmt.Sprintf("/proc/%d/fd", pid)
	list, _ := os.ReadDir(folder)
	return slices.ContainsFunc(list, func(e os.DirEntry) bool {
		to, _ := os.Readlink(filepath.Join(folder, e.Name()))
		return strings.Contains(filepath.Base(to), in)
	})
}

// running returns the workers that this process has started, and that have not ended.
func running() (list []int) {
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range all {
		b, _ := os.ReadFile(name)
		// 4711 (name) state parent
		_, rest, _ := strings.Cut(string(b), ") ")
		if f := strings.Fields(rest); len(f) < 2 || f[0] == "Z" || f[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		if args, _ := os.ReadFile(filepath.Join(filepath.Dir(name), "cmdline")); bytes.Contains(args, []byte("--worker")) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			list = append(list, pid)
		}
	}
	return list
}

// worker is what was seen of one.
type worker struct {
	// peak is the most memory that it had, in MB. reads says that it had a capture open, gathers that it had the file which the facts of all are in.
	peak           int
	reads, gathers bool
}

// watch looks at the workers of this process until stop is called, which returns what was seen of all there were. see is told of each as it is now.
func watch(see func(pid int, w *worker)) (stop func() map[int]*worker) {
	seen, done, gone := map[int]*worker{}, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for {
			select {
			case <-done:
				return
			case <-time.After(50 * time.Millisecond):
			}
			for _, pid := range running() {
				w := seen[pid]
				if w == nil {
					w = &worker{}
					seen[pid] = w
				}
				w.peak, w.reads, w.gathers = max(w.peak, peak(pid)), w.reads || has(pid, ".pcap"), w.gathers || has(pid, "netsift-")
				see(pid, w)
			}
		}
	}()
	return func() map[int]*worker {
		close(done)
		<-gone
		return seen
	}
}

// use has the test's next pipelines run on a server. Those of the next test run in this process again.
func use(t *testing.T, server *process) {
	endpoint := *jobopts.Endpoint
	t.Cleanup(func() { *jobopts.Endpoint = endpoint })
	*jobopts.Endpoint = server.address
}

// factsWorkers is how many workers make facts.
const factsWorkers = 2

// TestFleet: with the runner in one process and each worker in another, what the pipeline says of 2 to 64 nodes is what one netsift analyze says. NODES and
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

			server := begin(t, "prism")
			use(t, server)
			stop := watch(func(int, *worker) {})
			begun = time.Now()
			j := &job{globs: []string{filepath.Join(folder, "*.pcap")}, output: filepath.Join(folder, "out"), workers: factsWorkers}
			err := j.run(t.Context(), new(bytes.Buffer))
			workers := stop()
			if err != nil {
				t.Fatalf("%v\n%s", err, server.said)
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
			var most [2]int // of workers that make facts, and of the one that makes the report
			reading := 0
			for _, w := range workers {
				if w.reads {
					reading++
					most[0] = max(most[0], w.peak)
				} else {
					most[1] = max(most[1], w.peak)
				}
			}
			if len(workers) != factsWorkers+1 || reading != factsWorkers {
				t.Errorf("%d workers, of which %d read captures", len(workers), reading)
			}
			prism := peak(server.Process.Pid)
			server.kill()
			said := server.said.String()
			// As ReportFn logs it.
			var facts, captures int64
			if _, after, ok := strings.Cut(said, "made of "); !ok {
				t.Errorf("the worker did not say how much it was sent: %s", said)
			} else if _, err := fmt.Sscanf(after, "%d bytes of facts of %d files", &facts, &captures); err != nil || captures != int64(n) {
				t.Errorf("%d bytes of %d captures, %v", facts, captures, err)
			}
			t.Logf("%d nodes, %d MB, %d frames, %d connections, %d bytes of facts: netsift analyze took %.1f s, of which %.1f s of processors; the pipeline %.1f s; at most a worker that makes facts had %d MB, the one that makes the report %d MB, and prism %d MB",
				n, size>>20, r.Summary.Frames, r.Summary.Connections, facts, alone.Seconds(), (one.ProcessState.UserTime() + one.ProcessState.SystemTime()).Seconds(), took.Seconds(), most[0], most[1], prism)
		})
	}
}

// TestKilledWorker: a worker that dies in the middle changes nothing. Prism fails the job then, and the program has it run again.
func TestKilledWorker(t *testing.T) {
	folder := t.TempDir()
	names := nodes(t, folder, 4, 800_000)
	want := analyzed(t, slices.Concat([]string{"analyze", "-o", "json"}, names)...)
	output := filepath.Join(folder, "out")
	server := begin(t, "prism")
	use(t, server)
	for _, c := range []struct {
		what     string
		kill     func(w *worker) bool
		attempts int
	}{
		{"reads, one attempt", func(w *worker) bool { return w.reads }, 1},
		{"reads", func(w *worker) bool { return w.reads }, 2},
		{"makes the report", func(w *worker) bool { return w.gathers }, 2},
	} {
		killed := 0
		stop := watch(func(pid int, w *worker) {
			if killed == 0 && c.kill(w) {
				killed = pid
				syscall.Kill(pid, syscall.SIGKILL)
			}
		})
		var text bytes.Buffer
		err := (&job{globs: []string{filepath.Join(folder, "*.pcap")}, output: output, workers: factsWorkers, attempts: c.attempts}).run(t.Context(), &text)
		workers := stop()
		t.Logf("%s: %d workers, %d killed; prism is alive: %v; %v", c.what, len(workers), killed, server.alive(), err)
		if killed == 0 {
			t.Fatalf("%s: no worker was killed", c.what)
		}
		left, _ := filepath.Glob(output + "*")
		if c.attempts == 1 {
			if !errors.Is(err, errWorkerLost) || left != nil {
				t.Errorf("%v, and there is a report: %v", err, left)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, server.said)
		}
		if len(workers) != 2*(factsWorkers+1) {
			t.Errorf("%s: %d workers", c.what, len(workers))
		}
		differ(t, "report", alike(t, read(t, output+".json")), alike(t, want))
		differ(t, "text", text.String(), string(analyzed(t, "report", output+".json")))
		for _, name := range left {
			os.Remove(name)
		}
	}
}

// setting returns a variable of the environment, or what stands for it.
func setting(name, otherwise string) string {
	if s := os.Getenv(name); s != "" {
		return s
	}
	return otherwise
}
