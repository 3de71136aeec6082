package netsift

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/corpus/cases"
)

// The findings of two Services without endpoints, whose short ids are the same.
const (
	oneService, otherService = "10.96.3.26:80", "10.96.8.1:80"
	sharedID                 = "svc-no-endpoints:b3c9"
)

// sameIDs returns a node's capture of calls to both Services, and how much of it there is before the second is called.
func sameIDs() (data []byte, before int) {
	s := cases.Case{Name: "same ids", Script: func(s *cases.Scene) {
		s.Start(build.Options{})
		one, other := s.Service("default/one", oneService), s.Service("default/other", otherService)
		s.Client.Get(s.Web.VIP())
		s.Client.Dial(one.VIP())
		s.Wait(time.Minute)
		before = len(s.Nodes[0].Capture(build.Form{}))
		s.Client.Dial(other.VIP())
	}}.Play()
	return s.Files()[0].Data, before
}

// toldID is the id of a finding, and the Service that it is about.
type toldID struct{ ID, Service string }

// idsOf returns the ids in a report of Services without endpoints, by Service.
func idsOf(t *testing.T, report []byte) map[string]string {
	t.Helper()
	var r struct{ Findings []toldID }
	if err := json.Unmarshal(report, &r); err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, f := range r.Findings {
		if strings.HasPrefix(f.ID, "svc-no-endpoints:") {
			ids[f.Service] = f.ID
		}
	}
	return ids
}

// runOn runs netsift on one capture, and returns what it wrote.
func runOn(t *testing.T, data []byte, want int, args ...string) (out, said string) {
	t.Helper()
	e, stdout, stderr := testEnv(fstest.MapFS{"a.pcap": {Data: data}}, 0)
	if code := Run(context.Background(), e, append(args, "a.pcap")); code != want {
		t.Fatalf("%q: exit code %d: %s", args, code, stderr)
	}
	return stdout.String(), stderr.String()
}

// TestFindingIDs: two findings that would share an id have longer ones, by which they are extracted and suppressed; the one that
// they would share is refused for what it is, the beginning of both. A longer id fits as well where the short one would do.
func TestFindingIDs(t *testing.T) {
	data, before := sameIDs()
	report, _ := runOn(t, data[:before], ExitOK, "analyze", "-o", "json")
	if alone := idsOf(t, []byte(report)); len(alone) != 1 || alone[oneService] != sharedID {
		t.Fatalf("alone: %q", alone)
	}
	report, _ = runOn(t, data, ExitOK, "analyze", "-o", "json")
	ids := idsOf(t, []byte(report))
	if len(ids) != 2 || ids[oneService] == ids[otherService] {
		t.Fatalf("both: %q", ids)
	}
	for service, id := range ids {
		if !strings.HasPrefix(id, sharedID) || len(id) != len(sharedID)+4 {
			t.Errorf("%s: %s", service, id)
		}
		out, _ := runOn(t, data, ExitOK, "extract", "-w", "-", "--finding", id)
		if said := strings.Join(comments(t, []byte(out)), "\n"); !strings.Contains(said, id) || !strings.Contains(said, service) {
			t.Errorf("%s: extracted was\n%s", service, said)
		}
	}
	_, said := runOn(t, data, ExitUsage, "extract", "-w", "-", "--finding", sharedID)
	if !strings.Contains(said, ids[oneService]) || !strings.Contains(said, ids[otherService]) {
		t.Errorf("the shared id: %s", said)
	}
	runOn(t, data[:before], ExitOK, "extract", "-w", "-", "--finding", ids[oneService])
	runOn(t, data[:before], ExitUsage, "extract", "-w", "-", "--finding", ids[otherService])

	policy := "suppress:\n  - rule: " + ids[oneService] + "\n    reason: known\n"
	for _, part := range [][]byte{data[:before], data} {
		e, stdout, stderr := testEnv(fstest.MapFS{"a.pcap": {Data: part}, "p.yaml": {Data: []byte(policy)}}, 0)
		if code := Run(context.Background(), e, []string{"analyze", "-o", "json", "--config", "p.yaml", "a.pcap"}); code != ExitOK {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		if got := idsOf(t, stdout.Bytes()); got[oneService] != "" || len(part) == len(data) && got[otherService] != ids[otherService] {
			t.Errorf("suppressed was %s; reported are %q", ids[oneService], got)
		}
	}
}

// TestLiveFindingIDs: if a second finding would share the id of a reported one, both are reported under longer ids, those of the
// report. The old id is withdrawn for the new one. Each has a file of its own with its evidence.
func TestLiveFindingIDs(t *testing.T) {
	data, before := sameIDs()
	r, w := io.Pipe()
	ticks := make(chan time.Time)
	e, _, stderr := liveEnv(r, ticks)
	stdout := &awaited{what: `"id":"` + sharedID + `"`, seen: make(chan struct{})}
	e.Stdout = stdout
	files := map[string]*file{}
	e.Create = func(name string, _ making) (made, error) {
		files[name] = new(file)
		return files[name], nil
	}
	e.Stat = func(name string) (fs.FileInfo, error) { return fs.Stat(fstest.MapFS{"kept": {Mode: fs.ModeDir}}, name) }
	go func() {
		defer w.Close()
		w.Write(data[:before])
		for {
			select {
			case ticks <- time.Time{}:
				continue
			case <-stdout.seen:
			}
			break
		}
		w.Write(data[before:])
	}()
	if code := Run(context.Background(), e, []string{"live", "-o", "json", "--evidence", "kept"}); code != ExitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	open, oldest := map[string]string{}, ""
	for _, line := range bytes.Split(bytes.TrimSpace(stdout.Bytes()), []byte("\n")) {
		var event struct {
			Type, ID, Rule, Service string
			By                      string `json:"superseded_by"`
			Report                  json.RawMessage
		}
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatal(err)
		}
		switch {
		case event.Type == "finding" && event.Rule == "svc-no-endpoints":
			if service, twice := open[event.ID]; twice && service != event.Service {
				t.Errorf("%s is told of %s and of %s", event.ID, service, event.Service)
			}
			open[event.ID] = event.Service
		case event.Type == "withdrawn":
			oldest = event.ID
			if event.ID != sharedID || open[event.By] != open[event.ID] || open[event.By] != oneService {
				t.Errorf("%s", line)
			}
			delete(open, event.ID)
		case event.Type == "end":
			want := map[string]string{}
			for service, id := range idsOf(t, event.Report) {
				want[id] = service
			}
			if fmt.Sprint(open) != fmt.Sprint(want) || len(open) != 2 {
				t.Errorf("open in the end: %q; in the report: %q", open, want)
			}
		}
	}
	if oldest == "" {
		t.Error("nothing was withdrawn")
	}
	for _, id := range append([]string{sharedID}, slices.Collect(maps.Keys(open))...) {
		f := files["kept/"+evidenceName(id)]
		if f == nil {
			t.Errorf("%s has no file among %d", id, len(files))
			continue
		}
		service := open[id]
		if id == sharedID {
			service = oneService
		}
		if said := strings.Join(comments(t, f.Bytes()), "\n"); !strings.Contains(said, service) {
			t.Errorf("%s, about %s: its file says\n%s", id, service, said)
		}
	}
}
