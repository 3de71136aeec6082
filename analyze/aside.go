package analyze

import "context"

// asides is how many laters there are where several captures are followed: one is filled while another is digested.
const asides = 3

// aside leads several captures through analysis: what is found in packets is digested by another goroutine while the next ones are followed. step
// follows some packets, and reports whether there are more.
func (e *engine) aside(ctx context.Context, step func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		failure     any
		laters      = newLaters(asides, e.digest, e.join, false)
		found, over = make(chan *later, asides), make(chan struct{})
	)
	digest := func(l *later) {
		defer laters.give(l)
		defer func() {
			if x := recover(); x != nil {
				failure = x
				cancel()
			}
		}()
		if failure == nil {
			l.catchUp()
		}
	}
	go func() {
		defer close(over)
		for l := range found {
			digest(l)
		}
	}()
	defer func() {
		close(found)
		<-over
		laters.release()
		e.taker = e.digest
		if failure != nil {
			panic(failure) // as if it had come about in the caller's goroutine
		}
	}()
	// fill fills a later and hands it over, unless it panics.
	fill := func() (more bool, err error) {
		l := laters.take()
		e.taker = l
		to := laters.give
		defer func() { to(l) }()
		for more = true; more && err == nil && !l.full(); {
			more, err = step(ctx)
		}
		to = func(l *later) { found <- l }
		return more, err
	}
	for {
		if more, err := fill(); !more || err != nil {
			return err
		}
	}
}
