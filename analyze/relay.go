package analyze

import (
	"context"
	"runtime"
	"sync"
)

// hands is how many goroutines read, follow and digest one capture in turn, each its batch: while one reads, another follows the packets
// read before, and a third digests what was found in those before that. One more has read ahead, so that there is always a batch to follow.
const hands = 4

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

// relay leads the capture of s through analysis. Each goroutine follows the packets that it has decoded itself, and digests what it found in
// them: they are in its processor's cache then, and need not cross over to another's, which costs more than the state of connections
// does that crosses instead. Batches are read, followed and digested in the order of the file.
func (e *engine) relay(ctx context.Context, s *stream, drain func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		reading, failing sync.Mutex
		failure          any
		group            sync.WaitGroup
		// closed when the batch read last has been followed
		followed = make(chan struct{})
		// one fewer than there are hands: one of them reads at any time, and fills no batch of which something is still to be digested
		laters = newLaters(hands-1, e.digest, e.join, true)
	)
	close(followed)
	s.relay.on = true
	// follow follows a batch that was read, what is left if there are no more, and returns the next one to be filled, nil at the end.
	follow := func(b *batch, l *later) (next *batch) {
		if ctx.Err() != nil {
			return nil
		}
		if !e.cfg.inTurn() {
			e.taker = l
		}
		s.relay.next, s.relay.over = b, b == nil
		if err := drain(ctx); err != nil {
			cancel(err)
			return nil
		}
		if b == nil {
			return nil
		}
		if next, s.spare = s.spare, nil; next == nil {
			next = &batch{}
		}
		return next
	}
	// fill fills a batch, nil where there is nothing to fill it with. It returns what is closed when the one before has been followed, and what is
	// to be closed when it has.
	fill := func(b *batch) (filled *batch, before, done chan struct{}) {
		reading.Lock()
		defer reading.Unlock()
		if more := ctx.Err() == nil && s.reader != nil && s.read(b); !more {
			if s.reader != nil {
				s.close()
			}
			b = nil
		}
		before, done = followed, make(chan struct{})
		followed = done
		return b, before, done
	}
	// turn fills a batch and has it followed and digested when those before have been. It returns the next one to be filled.
	turn := func(b *batch) (next *batch) {
		b, before, done := fill(b)
		<-before
		l := laters.take()
		defer laters.give(l)
		func() {
			defer close(done)
			next = follow(b, l)
		}()
		runtime.Gosched() // to who follows now: packets must be followed in order, so that this is what all wait for
		l.catchUp()
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
	laters.release()
	e.taker = e.digest
	if failure != nil {
		panic(failure) // as if it had come about in the caller's goroutine
	}
	return context.Cause(ctx)
}
