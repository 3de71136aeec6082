package analyze

import (
	"context"
	"sync"
)

// hands is how many goroutines read, decode and follow one capture in turn. One follows a batch while the other reads the next: more would
// wait for each other.
const hands = 2

// relayed is what a stream in a relay has beside.
type relayed struct {
	on bool
	// next is the batch read last, until it is taken; over says that there are no more.
	next *batch
	over bool
}

func (r *relayed) take() *batch {
	b := r.next
	r.next = nil
	return b
}

// relay leads the capture of s through analysis. Each goroutine follows the packets that it has decoded itself: they are in its processor's
// cache then, and need not cross over to another's, which costs more than the state of connections does that crosses instead. Batches
// are read and followed in the order of the file.
func (e *engine) relay(ctx context.Context, s *stream, drain func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		reading, failing sync.Mutex
		failure          any
		group            sync.WaitGroup
		followed         = make(chan struct{}) // closed when the batch read last has been followed
	)
	close(followed)
	s.relay.on = true
	// turn reads a batch and follows it when those before have been. It returns the next batch to be filled, nil at the end.
	turn := func(b *batch) (next *batch) {
		reading.Lock()
		more := ctx.Err() == nil && s.reader != nil && s.read(b)
		if !more && s.reader != nil {
			s.close()
		}
		before, done := followed, make(chan struct{})
		followed = done
		reading.Unlock()
		<-before
		defer close(done)
		if ctx.Err() != nil {
			return nil
		}
		if s.relay.over = !more; more {
			s.relay.next = b
		}
		if err := drain(ctx); err != nil {
			cancel(err)
			return nil
		}
		if !more {
			return nil
		}
		if next, s.spare = s.spare, nil; next == nil {
			next = &batch{}
		}
		return next
	}
	for range hands {
		group.Go(func() {
			defer func() {
				if x := recover(); x != nil {
					failing.Lock()
					defer failing.Unlock()
					failure = x
					cancel(nil)
				}
			}()
			for b := (&batch{}); b != nil; {
				b = turn(b)
			}
		})
	}
	group.Wait()
	if failure != nil {
		panic(failure) // as if it had come about in the caller's goroutine
	}
	return context.Cause(ctx)
}
