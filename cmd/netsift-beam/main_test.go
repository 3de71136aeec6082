package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/xitongsys/parquet-go-source/local"
	"github.com/xitongsys/parquet-go/reader"

	"github.com/netsift/netsift/cmd/internal/netsift"
	"github.com/netsift/netsift/corpus/traffic"
)

func TestMain(m *testing.M) {
	if role := roles[os.Getenv(roleVariable)]; role != nil {
		role()
		return
	}
	beamlog.SetupLogging("error", "text")
	flag.Parse()
	beam.Init()
	os.Exit(m.Run())
}

// roleVariable has the test's program be something else than a test: another process of a fleet.
const roleVariable = "NETSIFT_BEAM_ROLE"

// roles are filled by fleet_test.go.
var roles = map[string]func(){}

// nodes writes the captures of a cluster's nodes to a folder and returns their names.
func nodes(t *testing.T, folder string, n int, frames uint64) []string {
	t.Helper()
	var names []string
	var to []io.Writer
	for i := range n {
		name := filepath.Join(folder, fmt.Sprintf("node%02d.pcap", i+1))
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		names, to = append(names, name), append(to, f)
	}
	o := traffic.Cluster
	o.Frames = frames
	if _, err := traffic.WriteCluster(to, o); err != nil {
		t.Fatal(err)
	}
	return names
}

// analyzed returns what netsift writes.
func analyzed(t *testing.T, args ...string) []byte {
	t.Helper()
	env := system()
	var out, said bytes.Buffer
	env.Context, env.Stdout, env.Stderr = t.Context(), &out, &said
	if code := netsift.Run(t.Context(), &env, args); code != netsift.ExitOK && code != netsift.ExitFinding {
		t.Fatalf("netsift %v: exit code %d\n%s", args, code, said.String())
	}
	return out.Bytes()
}

// alike brings a report of facts and one of the captures that they are of to one form: only what kind of file was read differs.
func alike(t *testing.T, report []byte) string {
	t.Helper()
	var r map[string]any
	if err := json.Unmarshal(report, &r); err != nil {
		t.Fatal(err)
	}
	captures := r["captures"].([]any)
	if len(captures) == 0 {
		t.Fatal("the report has no captures")
	}
	for _, c := range captures {
		delete(c.(map[string]any), "format")
		delete(c.(map[string]any), "facts_of")
	}
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// differ complains about the first line in which two texts differ.
func differ(t *testing.T, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("%s, line %d: got %s, want %s", what, i+1, a[i], b[i])
		}
	}
	t.Fatalf("%s: got %d lines, want %d", what, len(a), len(b))
}

// rows returns what a Parquet file holds.
func rows(t *testing.T, name string) []Connection {
	t.Helper()
	f, err := local.NewLocalFileReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := reader.NewParquetReader(f, new(Connection), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.ReadStop()
	list := make([]Connection, r.GetNumRows())
	if err := r.Read(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSame: the pipeline says what netsift analyze says of the same files, also of those that can't be read, and every run says it.
func TestSame(t *testing.T) {
	for _, n := range []int{2, 4} {
		folder := t.TempDir()
		names := nodes(t, folder, n, 40_000)
		torn := read(t, names[0])
		spoil(t, names[0], torn[:len(torn)-33])
		garbage, missing, already := filepath.Join(folder, "garbage.pcap"), filepath.Join(folder, "missing.pcap"), filepath.Join(folder, "x.facts")
		spoil(t, garbage, []byte("this is no capture"))
		spoil(t, already, analyzed(t, "facts", "-w", "-", names[1]))
		os.Remove(names[1])
		names[1] = already
		names = append(names, garbage, missing)
		slices.Sort(names)
		snapshot := filepath.Join(folder, "cluster.json")
		spoil(t, snapshot, []byte(`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Service","metadata":{"name":"hot","namespace":"shop"},"spec":{"clusterIP":"10.96.0.100","ports":[{"port":80,"protocol":"TCP"}]}}]}`))

		args := []string{"--cluster", snapshot, "--min-severity", "info"}
		want := analyzed(t, slices.Concat([]string{"analyze", "-o", "json"}, args, names)...)
		for _, needle := range []string{"no such file", "not a pcap", "torn", `"Service": 1`} {
			if !strings.Contains(alike(t, want), needle) {
				t.Errorf("%d nodes: the report has no %s", n, needle)
			}
		}
		var first []byte
		for _, turn := range []string{"one", "two"} {
			output := filepath.Join(folder, turn)
			var text bytes.Buffer
			// Names that overlap count once.
			globs := []string{missing, filepath.Join(folder, "*.pcap"), already, names[0]}
			if err := (&job{globs: globs, output: output, args: args}).run(t.Context(), &text); err != nil {
				t.Fatal(err)
			}
			got := read(t, output+".json")
			differ(t, "report", alike(t, got), alike(t, want))
			differ(t, "text", text.String(), string(analyzed(t, "report", output+".json")))
			parquet := read(t, output+".parquet")
			if first == nil {
				first = parquet
			} else if !bytes.Equal(first, parquet) {
				t.Error("the second run wrote another Parquet file")
			}
			list := rows(t, output+".parquet")
			var r struct {
				Summary struct{ Connections int }
			}
			if err := json.Unmarshal(got, &r); err != nil || len(list) != r.Summary.Connections || len(list) < 100 {
				t.Errorf("%d rows, and the report has %d connections, %v", len(list), r.Summary.Connections, err)
			}
			flows := strings.Split(strings.TrimSpace(string(analyzed(t, slices.Concat([]string{"flows", "-o", "csv"}, names)...))), "\n")[1:]
			for i, line := range flows {
				c := list[i]
				if want := strings.Join([]string{c.ID, c.Protocol, c.Client, c.Called, c.Service}, ","); !strings.HasPrefix(line, want+",") {
					t.Fatalf("row %d is %s, want %s", i, want, line)
				}
			}
		}
	}
}

// TestWorkers: workers in processes of their own say the same, and a job that fails for another reason than that one ended is not run again.
func TestWorkers(t *testing.T) {
	folder := t.TempDir()
	names := nodes(t, folder, 3, 20_000)
	want := alike(t, analyzed(t, slices.Concat([]string{"analyze", "-o", "json"}, names)...))
	j := &job{globs: names, output: filepath.Join(folder, "out"), workers: 2}
	if err := j.run(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	differ(t, "report", alike(t, read(t, j.output+".json")), want)
	j = &job{globs: []string{filepath.Join(folder, "none")}, output: filepath.Join(folder, "none"), workers: 1, attempts: 2}
	if err := j.run(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "no such file") || errors.Is(err, errWorkerLost) {
		t.Errorf("of a file that is not there: %v", err)
	}
}

// spoil writes a file.
func spoil(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
