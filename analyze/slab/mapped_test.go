//go:build linux && (amd64 || arm64) && !heapslab

package slab

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestFull: Add panics with a FullError if the system refuses memory. A second process is limited, not that of the tests.
func TestFull(t *testing.T) {
	if os.Getenv("SLAB_LIMITED") == "" {
		c := exec.Command(os.Args[0], "-test.run=^TestFull$", "-test.v")
		c.Env = append(os.Environ(), "SLAB_LIMITED=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return
	}
	var before, s Slab[[100]byte]
	before.Add()
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 1, Max: 1}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		var full FullError
		if err, ok := recover().(error); !ok || !errors.As(err, &full) || !errors.Is(err, syscall.ENOMEM) {
			t.Errorf("got %v, want a FullError with ENOMEM", err)
		}
		before.Add() // a slab keeps its reserved memory
	}()
	s.Add()
}
