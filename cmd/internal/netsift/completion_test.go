package netsift

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/urfave/cli/v2"
)

// TestCompletedValues: what completion offers is taken.
func TestCompletedValues(t *testing.T) {
	tried := 0
	e, _, _ := testEnv(fstest.MapFS{}, 0)
	for _, c := range commands(e) {
		switch c.Name {
		case "analyze", "live", "flows", "trace", "dns", "stats", "extract":
		default: // they take no capture
			continue
		}
		for _, f := range c.Flags {
			values := valuesOf(f, "")
			for _, v := range values[:min(len(values), 6)] { // of rules, not all
				e, _, stderr := testEnv(fstest.MapFS{"x.pcap": {Data: demoNode1}}, 0)
				args := []string{c.Name, "--" + f.Names()[0], v, "no-such.pcap"}
				if c.Name == "extract" {
					args = append(args, "-w", "-", "--finding", "1")
				}
				if code := Run(context.Background(), e, args); code != ExitNoCapture {
					t.Errorf("%q: exit code %d, %s", args, code, stderr)
				}
				tried++
			}
		}
	}
	if tried < 90 {
		t.Errorf("tried %d values", tried)
	}
}

// TestCompletedList: a list that has begun goes on with what it does not have yet.
func TestCompletedList(t *testing.T) {
	f := &choiceFlag{words: []string{"info", "warning", "critical"}, list: true}
	f.StringFlag = &cli.StringFlag{Name: "fail-on"}
	for _, c := range []struct {
		word string
		want []string
	}{
		{"", []string{"info", "warning", "critical"}},
		{"w", []string{"info", "warning", "critical"}},
		{"info,", []string{"info,warning", "info,critical"}},
		{"info,critical,w", []string{"info,critical,warning"}},
		{"info,warning,critical,", nil},
	} {
		if got := valuesOf(f, c.word); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.word, got, c.want)
		}
	}
}
