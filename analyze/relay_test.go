package analyze_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/traffic"
)

// TestRelay: several goroutines come to the same facts as one, also for a file that is out of order from batch to batch and one in which thousands
// of connections end at once, and stop when they are told to.
func TestRelay(t *testing.T) {
	o := traffic.Churn
	o.Frames, o.Live = 40_000, 3000
	var file bytes.Buffer
	if _, err := traffic.Write(&file, o); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name string
		data []byte
	}{
		{"in order", file.Bytes()},
		{"out of order", swapped(file.Bytes(), 700)},
		{"idle for a night", afterHours(file.Bytes(), 9)},
	} {
		t.Run(x.name, func(t *testing.T) {
			var want *fact.Facts
			for _, jobs := range []int{1, 2, 8} {
				got, err := analyze.Run(t.Context(), oneFile(x.data), analyze.Config{Jobs: jobs})
				if err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = got
				}
				if got.Totals.Frames < o.Frames || !reflect.DeepEqual(got, want) {
					t.Errorf("%d jobs: %+v, one has %+v", jobs, got.Totals, want.Totals)
				}
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	frames := 0
	_, err := analyze.Run(ctx, oneFile(file.Bytes()), analyze.Config{Jobs: 2, Begun: func(int64) { cancel() }, Frame: func(*analyze.Frame, bool) { frames++ }})
	if !errors.Is(err, context.Canceled) || frames >= 40_000 {
		t.Errorf("canceled: %v after %d frames", err, frames)
	}
}

// broken panics when it is read, as a reader with a fault does, when everybody else has come to wait for it.
type broken struct{}

func (broken) Read([]byte) (int, error) {
	time.Sleep(100 * time.Millisecond)
	panic("broken")
}

// TestRelayPanic: a panic while a capture is read comes about in who asked for the analysis, and leaves nobody waiting for the one who read.
func TestRelayPanic(t *testing.T) {
	o := traffic.Churn
	o.Frames, o.Live = 10_000, 300
	var file bytes.Buffer
	if _, err := traffic.Write(&file, o); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if x := recover(); x != "broken" {
			t.Errorf("recovered %v", x)
		}
	}()
	_, err := analyze.Run(t.Context(), []analyze.Input{{Name: "x.pcap", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(file.Bytes()), broken{})), nil
	}}}, analyze.Config{Jobs: 2})
	t.Errorf("no panic, but %v", err)
}

func oneFile(data []byte) []analyze.Input { return []analyze.Input{input("traffic.pcap", data)} }

// swapped returns a pcap file in which every second run of n records changes places with the one before it.
func swapped(file []byte, n int) []byte {
	out := append([]byte(nil), file[:24]...)
	var runs [][]byte
	for at := 24; at < len(file); {
		from := at
		for i := 0; i < n && at < len(file); i++ {
			at += 16 + int(binary.LittleEndian.Uint32(file[at+8:]))
		}
		runs = append(runs, file[from:at])
	}
	for i := 0; i < len(runs); i += 2 {
		if i+1 < len(runs) {
			out = append(out, runs[i+1]...)
		}
		out = append(out, runs[i]...)
	}
	return out
}

// afterHours returns a pcap file whose second half comes hours later.
func afterHours(file []byte, hours uint32) []byte {
	out := slices.Clone(file)
	for at := 24; at < len(out); at += 16 + int(binary.LittleEndian.Uint32(out[at+8:])) {
		if at > len(out)/2 {
			binary.LittleEndian.PutUint32(out[at:], binary.LittleEndian.Uint32(out[at:])+hours*3600)
		}
	}
	return out
}
