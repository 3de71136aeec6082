package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/exec"
)

// stream is the capture of one node, for as long as the run lasts: a session, and others after it where one ends early.
type stream struct {
	run  *run
	node string
	pod  string
	own  *ownStream
	sink *sink
	// leftOut is the filter of the latest session. Sessions that ended early are counted, and lost says that the last words of one are missing.
	leftOut string
	early   int
	lost    bool
}

const (
	// lastWordsPatience is how long a capture may take to end in order, and resumePatience how long a stream that ended early is tried to be begun anew:
	// a kubelet is back in seconds, a node that restarts in a minute or two.
	lastWordsPatience = 5 * time.Second
	resumePatience    = 2 * time.Minute
	// resumeEvery is the pause between two tries, and settled is after how long a new stream counts as one that goes on.
	resumeEvery = time.Second
	settled     = 10 * time.Second
)

// errRefused says that tcpdump does not capture and will not.
var errRefused = errors.New("tcpdump captures nothing")

// follow captures until the run ends. It returns an error where the stream was given up before.
func (s *stream) follow(ctx context.Context, began func()) error {
	defer s.sink.close()
	var since time.Time // when it ended early, after a while in which all was well
	for {
		start := s.run.env.Now()
		err := s.session(ctx, began)
		switch {
		case s.run.ending():
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errRefused):
			return err
		}
		now := s.run.env.Now()
		if since.IsZero() || now.Sub(start) > settled {
			since = now
			s.early++
			s.run.say("%s: the stream ended early (%v); it is begun again", s.node, err)
		}
		if now.Sub(since) > resumePatience {
			return fmt.Errorf("the stream ended early, and can't be begun again: %w", err)
		}
		select {
		case <-s.run.env.After(resumeEvery):
		case <-s.run.end:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
		s.revive(ctx) // where that fails, so does the session
	}
}

// session runs tcpdump once.
func (s *stream) session(ctx context.Context, began func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	over := make(chan struct{})
	defer close(over)
	go func() { // one that can't end in order is left
		select {
		case <-s.run.end:
			select {
			case <-s.run.env.After(lastWordsPatience):
				cancel()
			case <-over:
			}
		case <-over:
		}
	}()
	x := newSession(s.sink, s.filter, began)
	words, err := x.run(ctx, s.run.cluster.execute, s.pod, s.run.snaplen, s.run.buffer, s.run.end)
	if words.complete {
		s.sink.count(words.received, words.dropped)
	} else if x.frames.order != nil {
		s.lost = true
	}
	var status exec.CodeExitError
	switch {
	case x.started && s.sink.frames == 0 && words.complaint != "" && (err == nil || errors.As(err, &status)):
		return fmt.Errorf("%w: %s", errRefused, words.complaint)
	case errors.Is(err, errNoPcap), errors.Is(err, errNoSockets):
		return fmt.Errorf("%w: %w", errRefused, err)
	case err == nil && !words.complete:
		return errors.New("without a word, as when the kubelet or the container runtime restarts")
	case err == nil:
		return errors.New("tcpdump ended")
	case words.complaint != "":
		return fmt.Errorf("%w: %s", err, words.complaint)
	}
	return err
}

// filter returns what the session that begins captures, and keeps it.
func (s *stream) filter(sockets []socket) string {
	s.leftOut = s.own.filter(sockets)
	s.sink.description = "left out, because it is the stream of this capture itself: all that does not match " + s.leftOut
	if s.run.filter != "" {
		return "(" + s.run.filter + ") and " + s.leftOut
	}
	return s.leftOut
}

// revive makes a capture pod where the old one has ended.
func (s *stream) revive(ctx context.Context) error {
	p, err := s.run.cluster.kube.CoreV1().Pods(s.run.cluster.pods).Get(ctx, s.pod, metav1.GetOptions{})
	if err == nil && p.Status.Phase == corev1.PodRunning && p.DeletionTimestamp == nil {
		return nil
	}
	if err != nil && !isNotFound(err) {
		return plain(err)
	}
	return s.place(ctx)
}

// place makes the capture pod, and waits until it runs.
func (s *stream) place(ctx context.Context) error {
	r := s.run
	name, err := r.cluster.createPod(ctx, capturePod(s.node, r.id, r.image, r.lasts()+podMargin))
	if err != nil {
		return err
	}
	s.pod = name
	return r.cluster.awaitPod(ctx, r.env, name, r.image, r.timeout, func(doing string) { r.say("%s: %s", s.node, doing) })
}
