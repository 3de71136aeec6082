package netsift

import (
	"context"
	"time"
)

// obedience is how long what was interrupted may take to end by itself. It does not where it waits for the system: for a pipe that nobody
// writes to, a network file system whose server is away.
const obedience = 500 * time.Millisecond

// obey calls f, and reports whether it has returned. It returns without f, which must not be waited for, some time after ctx is done: the
// program ends then.
func obey(ctx context.Context, e *Env, f func()) bool {
	if ctx.Done() == nil {
		f()
		return true
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return true
	case <-ctx.Done():
	}
	select {
	case <-done:
		return true
	case <-e.After(obedience):
		return false
	}
}
