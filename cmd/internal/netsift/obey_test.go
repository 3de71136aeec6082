package netsift

import (
	"context"
	"io"
	"testing"
	"testing/fstest"
	"time"
)

// TestInterruptedWhileStalled: an interrupt is obeyed also where nothing comes in, from the beginning or any more.
func TestInterruptedWhileStalled(t *testing.T) {
	for _, verb := range []string{"analyze", "flows", "dns", "trace", "stats"} {
		for _, before := range [][]byte{nil, pcap(linkRaw, echo(1))} {
			e, stdout, stderr := testEnv(fstest.MapFS{}, 0)
			r, w := io.Pipe()
			e.Stdin = r
			asked := make(chan struct{})
			e.After = func(time.Duration) <-chan time.Time {
				close(asked)
				now := make(chan time.Time)
				close(now)
				return now
			}
			ctx, cancel := context.WithCancel(context.Background())
			go func() {
				w.Write(before)
				cancel()
			}()
			args := []string{verb, "-"}
			if verb == "trace" {
				args = []string{verb, "--conn", "stdin:1", "-"}
			}
			if code := Run(ctx, e, args); code != ExitInterrupted {
				t.Errorf("%s: exit code %d", verb, code)
			}
			<-asked
			if stdout.Len() > 0 || stderr.String() != "netsift: interrupted\n" {
				t.Errorf("%s: %q, %q", verb, stdout, stderr)
			}
			w.Close()
		}
	}
}
