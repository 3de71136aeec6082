package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsift/netsift/cmd/internal/netsift"
	"github.com/netsift/netsift/cmd/internal/report"
)

// options are what the command line asks for.
type options struct {
	targets []string
	dns     bool
	all     bool
	// last is how long is captured, 0 until the user ends it.
	last time.Duration
	// until has the first finding end it.
	until   bool
	save    string
	filter  string
	image   string
	snaplen int
	buffer  int
	// most is how many bytes all captures together may take.
	most    int64
	timeout time.Duration
	// analyze has netsift live read the streams, with these arguments; else they are only saved.
	analyze bool
	live    []string
	// dumps says whether nodes are asked for dumps.
	dumps bool
}

const (
	// longest is how long is captured where nothing else is said.
	longest = time.Hour
	// podMargin is how much longer pods may live than the capture takes, at most: until the last of them runs, and after it.
	podMargin = 3 * time.Minute
	// cleaning is how long deleting the pods may take, and snapshotPatience asking for the snapshot.
	cleaning         = 5 * time.Second
	snapshotPatience = 30 * time.Second
	// mostNodes are captured on without being named.
	mostNodes = 8
)

// run is one run of the plugin.
type run struct {
	*options
	env     *Env
	cluster *cluster
	id      string
	// end is closed when capturing is to end in order.
	end     chan struct{}
	endOnce sync.Once
	// abandon ends everything at once.
	abandon func()
	leaves  atomic.Int32
	mu      sync.Mutex
	// holding has what is said kept until the screen is gone.
	holding bool
	kept    strings.Builder
}

func newRun(e *Env, c *cluster, o *options) *run {
	var b [4]byte
	io.ReadFull(e.Random, b[:])
	return &run{options: o, env: e, cluster: c, id: fmt.Sprintf("%x", b), end: make(chan struct{})}
}

// say tells the user something on standard error.
func (r *run) say(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to := io.Writer(&r.kept)
	if !r.holding {
		to = r.env.Stderr
	}
	fmt.Fprintln(to, "netsift:", report.Clean(fmt.Sprintf(format, args...))) // messages of kubelets and registries are strangers' texts
}

// hold keeps what is said from a screen, and release lets it go.
func (r *run) hold() {
	r.mu.Lock()
	r.holding = true
	r.mu.Unlock()
}

func (r *run) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.holding = false
	io.WriteString(r.env.Stderr, r.kept.String())
	r.kept.Reset()
}

// finish ends capturing in order.
func (r *run) finish() { r.endOnce.Do(func() { close(r.end) }) }

// leave is what netsift calls where the user wishes to end, or the first finding has come (--until-finding): the first time capturing ends in order, and
// when the user insists, everything at once.
func (r *run) leave() {
	patient := int32(1)
	if r.until {
		patient++
	}
	if r.finish(); r.leaves.Add(1) > patient {
		r.abandon()
	}
}

func (r *run) ending() bool {
	select {
	case <-r.end:
		return true
	default:
		return false
	}
}

// lasts is how long is captured at most.
func (r *run) lasts() time.Duration {
	if r.last > 0 {
		return r.last
	}
	return longest
}

// capture captures, and analyzes what comes unless only the bundle is wanted. It returns the exit code.
func (r *run) capture(parent context.Context) (code int, err error) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	r.abandon = cancel
	if err := r.cluster.ready(ctx, r.say); err != nil {
		return 0, err
	}
	where, namespaces, err := r.nodes(ctx)
	if err != nil {
		return 0, err
	}
	saved, err := newBundle(r.save)
	if err != nil {
		return 0, err
	}
	around := r.cluster.surroundings(ctx)
	defer r.clean()
	objects := r.takeObjects(ctx, namespaces)
	budget := newBudget(r.most, func() {
		if !r.ending() {
			r.say("--max-size is reached: capturing ends")
			r.finish()
		}
	})
	streams, dumped := r.begin(ctx, where, around, budget)
	if len(streams) == 0 {
		return 0, failf("nothing can be captured on any node")
	}
	shot := <-objects
	shot.add(dumped)
	if err := shot.save(saved); err != nil {
		return 0, err
	}
	for _, s := range streams {
		f, err := saved.create(s.node + ".pcapng")
		if err != nil {
			return 0, fmt.Errorf("--save: %w", err)
		}
		if f != nil {
			defer f.Close()
			s.sink.bundle = f
		}
	}
	return r.follow(ctx, streams, shot)
}

// follow runs the streams, and netsift on them, until all have ended.
func (r *run) follow(ctx context.Context, streams []*stream, shot *snapshot) (code int, err error) {
	served := &files{streams: map[string]io.ReadCloser{}, snapshot: shot.files}
	var names []string
	if r.analyze {
		for _, s := range streams {
			in, out := io.Pipe()
			name := s.node + ".pcapng"
			served.streams[name], s.sink.analysis = in, out
			names = append(names, name)
		}
	}
	var all sync.WaitGroup
	began := make(chan struct{}, len(streams))
	failed := make([]error, len(streams))
	for i, s := range streams {
		all.Go(func() {
			var once sync.Once
			failed[i] = s.follow(ctx, func() { once.Do(func() { began <- struct{}{} }) })
			if failed[i] != nil && ctx.Err() == nil {
				r.say("%s: %v", s.node, failed[i])
			}
			once.Do(func() { began <- struct{}{} })
		})
	}
	over := make(chan struct{})
	go func() { all.Wait(); close(over) }()
	go r.watch(streams, began, over)
	if r.analyze {
		e := *r.env.Env
		e.Context, e.Leave = ctx, r.leave
		served.serve(&e)
		if r.screen() {
			r.hold()
		}
		args := append([]string{"live", "--cluster", snapshotFolder}, r.live...)
		code = netsift.Run(ctx, &e, append(args, names...))
		r.release()
		r.finish()
	}
	<-over
	if ctx.Err() != nil {
		return netsift.ExitInterrupted, nil
	}
	if failing := errors.Join(failed...); failing != nil && !slices.ContainsFunc(streams, func(s *stream) bool { return s.sink.frames > 0 }) {
		return 0, failf("nothing was captured on any node")
	}
	return r.conclude(streams, code), nil
}

// screen reports whether netsift draws on the terminal.
func (r *run) screen() bool {
	return r.env.StdoutTTY && !slices.ContainsFunc(r.live, func(arg string) bool {
		return arg == "-o" || arg == "--output" || strings.HasPrefix(arg, "-o=") || strings.HasPrefix(arg, "--output=") || arg == "-w" || strings.HasPrefix(arg, "--write")
	})
}

// watch says when the streams have begun, and ends them when it is time.
func (r *run) watch(streams []*stream, began <-chan struct{}, over <-chan struct{}) {
	for range streams {
		select {
		case <-began:
		case <-over:
			return
		}
	}
	ends := "Ctrl-C ends it"
	if r.last > 0 {
		ends = fmt.Sprintf("for %v, or until Ctrl-C", r.last)
	}
	if r.analyze {
		ends += ", and prints the report"
	}
	if !r.analyze || !r.screen() { // which says how to end it
		r.say("capturing; %s", ends)
	}
	select {
	case <-r.env.After(r.lasts()):
		if r.last == 0 {
			r.say("capturing ends after %v; --for DURATION allows more", longest)
		}
		r.finish()
	case <-over:
	}
}

// conclude says what the report on the packets can't. It returns the exit code, which is that of the report unless something could not be saved.
func (r *run) conclude(streams []*stream, code int) int {
	var sizes []string
	for _, s := range streams {
		sizes = append(sizes, fmt.Sprintf("%d packets on %s", s.sink.frames, s.node))
		if s.early > 0 {
			r.say("%s: its stream ended early %d times; what passed meanwhile is missing", s.node, s.early)
		}
		if s.lost {
			r.say("%s: how many packets its kernel lost is not known of all of the time", s.node)
		}
		if s.sink.dropped > 0 {
			r.say("%s: its kernel lost %d of %d packets; --buffer takes more memory there, --snaplen less of each packet", s.node, s.sink.dropped, s.sink.received)
		}
		r.say("%s: its own stream was left out, by the filter %s", s.node, s.leftOut)
	}
	for _, s := range streams {
		if s.sink.failed != nil {
			r.say("--save: the capture of %s is not whole: %v", s.node, s.sink.failed)
			code = netsift.ExitFailed
		}
	}
	r.say("%s, %.1f MB", strings.Join(sizes, ", "), float64(streams[0].sink.spent.used.Load())/1e6)
	if r.save != "" {
		r.say("saved in %s; read it again with: netsift analyze %[1]s", r.save)
	}
	return code
}

// clean deletes the run's pods, whatever happened.
func (r *run) clean() {
	ctx, cancel := context.WithTimeout(context.Background(), cleaning)
	defer cancel()
	if _, err := r.cluster.deletePods(ctx, r.id); err != nil {
		r.say("the capture pods can't be deleted now (%v); they end by themselves, and kubectl netsift cleanup deletes them", plain(err))
	}
}

// nodes returns the nodes to capture on, and the namespaces of the targets.
func (r *run) nodes(ctx context.Context) (*places, []string, error) {
	p := &places{}
	namespaces := []string{r.cluster.namespace}
	for _, arg := range r.targets {
		t, err := readTarget(arg, r.cluster.namespace)
		if err != nil {
			return nil, nil, err
		}
		if t.namespace != "" && !slices.Contains(namespaces, t.namespace) {
			namespaces = append(namespaces, t.namespace)
		}
		if err := r.cluster.locate(ctx, t, p); err != nil {
			return nil, nil, failf("%v", err)
		}
	}
	if r.dns {
		if err := r.cluster.dnsServers(ctx, p); err != nil {
			r.say("%v", err)
		}
	}
	if len(p.empty) > 0 {
		r.say("%s: there are no pods of it on any node", strings.Join(p.empty, ", "))
	}
	if len(p.list) > 0 && !r.all {
		return p, namespaces, nil
	}
	all := r.cluster.surroundings(ctx).names()
	switch {
	case len(all) == 0:
		return nil, nil, failf("name a pod, a Service or a node (kubectl netsift pod/client svc/web): you may not list nodes, so it can't be all of them")
	case len(all) > mostNodes && !r.all:
		return nil, nil, failf("name a pod, a Service or a node (kubectl netsift pod/client svc/web): there are %d nodes; --all-nodes captures on all of them", len(all))
	}
	for _, node := range all {
		p.add(node, "")
	}
	return p, namespaces, nil
}

// begin has a capture pod run on each node, and asks it for the node's dumps. Nodes where that fails are left out, and it is said why.
func (r *run) begin(ctx context.Context, where *places, around *surroundings, b *budget) (streams []*stream, dumped map[string][]dump) {
	for _, x := range where.list {
		why := ""
		if len(x.why) > 0 {
			why = " (" + strings.Join(x.why, ", ") + ")"
		}
		r.say("%s%s", x.node, why)
	}
	list := make([]*stream, len(where.list))
	dumps := make([][]dump, len(where.list))
	var all sync.WaitGroup
	for i, x := range where.list {
		if why := around.notReady(x.node); why != "" {
			r.say("%s is left out: the node is not ready (%s)", x.node, why)
			continue
		}
		all.Go(func() {
			s := &stream{run: r, node: x.node, own: around.ownStream(x.node), sink: &sink{spent: b, now: r.env.Now}}
			if err := s.place(ctx); err != nil {
				if ctx.Err() == nil {
					r.say("%s is left out: %v", x.node, err)
				}
				return
			}
			if r.dumps {
				ctx, cancel := context.WithTimeout(ctx, snapshotPatience)
				defer cancel()
				var err error
				if dumps[i], err = r.cluster.dumps(ctx, s.pod); err != nil {
					r.say("%s: not all of its dumps could be taken: %v", x.node, plain(err))
				}
			}
			list[i] = s
		})
	}
	all.Wait()
	dumped = map[string][]dump{}
	for i, s := range list {
		if s != nil {
			streams = append(streams, s)
			dumped[s.node] = dumps[i]
		}
	}
	return streams, dumped
}
