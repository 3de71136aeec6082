package analyze

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"net/netip"
	"slices"
	"sort"

	"github.com/netsift/netsift/analyze/cluster"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/analyze/slab"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// Input is one capture to be read.
type Input struct {
	// Name is what the user called it, Node its node's label; "" lets Run derive one from the name.
	Name, Node string
	// Open opens it. It is called twice, the first time for estimating the clocks' offsets, unless Stream is set.
	Open func() (io.ReadCloser, error)
	// Stream says that it can be read only once.
	Stream bool
}

// Config is what the user decides.
type Config struct {
	// Jobs is the number of workers, 0 for one per processor. One reads, decodes and analyzes in turn; more read and decode the next
	// packets of each capture while the last ones are analyzed. The result does not depend on it.
	Jobs int
	// MaxMemory bounds the memory of analysis, in bytes; 0 for DefaultMemory. It follows the number of live connections, and beyond
	// this the longest idle are given up, which the facts count.
	MaxMemory int64
	// Ports are UDP ports of tunnels beyond the usual ones, as in decode.Options.
	Ports map[decode.EncapKind][]uint16
	// Links has what `ip -d link` says of the interfaces of nodes, by the node's label.
	Links map[string][]cluster.Link
	// NodePorts is the cluster's range of NodePorts, the zero value for Kubernetes' default (cluster.DefaultNodePorts).
	NodePorts fact.PortRange
	// Connection and Lookup, where set, are called for each connection and lookup when it ends, one after the other. A connection has the
	// names that are known by then.
	Connection func(*fact.Connection)
	Lookup     func(*fact.Lookup)
	// Part is what is asked for, nil for everything.
	Part *Part
	// Named, where set, is called once, at the end of the input, with a function that gives a connection, which Connection got and kept,
	// the names that are known then.
	Named func(name func(*fact.Connection))
	// Watch are the ids of connections whose sightings go to Sighting, in turn with Connection.
	Watch    []string
	Sighting func(*join.Sighting)
	// WatchAll has the sightings of all connections go to Sighting.
	WatchAll bool
	// Frame, where set, is called with each frame, its packet and its bytes, all valid during the call only, after Sighting. marked
	// says that the frame may become evidence.
	Frame func(f *Frame, marked bool)
	// Begun, where set, is called with the time of the first frame, before anything else.
	Begun func(first int64)
	// Live, where set, has the analysis tell of itself while it goes on. Jobs is taken for 2 then.
	Live *Live
	// Frames, where set, is called now and then with the number of frames read so far.
	Frames func(n uint64)
}

// inTurn reports whether connections are wanted in turn with their frames.
func (c *Config) inTurn() bool { return c.Connection != nil || c.Frame != nil || len(c.Watch) > 0 }

// Frame is a frame on its way through analysis.
type Frame struct {
	// Frame is the record of the file, with its own time and number.
	*capture.Frame
	// Capture is the index of the file.
	Capture int
	// Interface is what the file says of the interface.
	Interface capture.Interface
	// Packet is what was decoded. Its time is corrected for the clock of its capture.
	Packet *decode.Packet
	Data   []byte
}

// DefaultMemory is how much memory an analysis takes at most, in bytes: room for some 80,000 live connections that are seen in
// eight views each, or for 150,000 SYNs.
const DefaultMemory = 512 << 20

// budget returns how much of the memory live connections may take: their indexes, lookups, conclusions and the buffers need
// the rest, and the collector some for each.
func budget(memory int64) int {
	if memory == 0 {
		memory = DefaultMemory
	}
	return int(memory / 5 * 2)
}

// HeapLimit returns how much of the memory that Config.MaxMemory allows is left for the collected heap (debug.SetMemoryLimit).
func HeapLimit(memory int64) int64 {
	if memory == 0 {
		memory = DefaultMemory
	}
	if slab.OffHeap {
		memory -= int64(budget(memory))
	}
	return memory
}

// ErrNoCapture says that not one of the inputs could be read. Facts.Captures says why for each.
var ErrNoCapture = errors.New("no capture could be read")

// Run reads the inputs to their ends. An input that can't be read is no error as long as another can; with ErrNoCapture the
// facts say why none could. There are no facts if ctx is done, or with a slab.FullError.
func Run(ctx context.Context, inputs []Input, cfg Config) (_ *fact.Facts, err error) {
	e := newEngine(ctx, inputs, cfg)
	defer e.join.Release()
	defer e.lookups.Release()
	defer func() {
		if x := recover(); x != nil {
			full, ok := x.(slab.FullError)
			if !ok {
				panic(x)
			}
			err = full
		}
	}()
	for node := range cfg.Links {
		if !slices.ContainsFunc(e.streams, func(s *stream) bool { return s.capture.Node == node }) {
			return e.facts(), &UnknownNodeError{Node: node, Known: e.nodes()}
		}
	}
	readable := 0
	for _, s := range e.streams {
		if s.failed == nil || s.capture.CopyOf != "" {
			readable++
		}
	}
	if readable == 0 {
		return e.facts(), ErrNoCapture
	}
	if err := e.run(ctx); err != nil {
		return nil, err // its readers may still be at work
	}
	if e.window != nil && !e.window.end() {
		return e.facts(), ErrNoCapture
	}
	if cfg.Live != nil && cfg.Live.Ended != nil {
		cfg.Live.Ended()
	}
	e.flush()
	return e.facts(), nil
}

// engine leads the packets of all inputs through the stages of analysis.
type engine struct {
	cfg     Config
	inputs  []Input
	order   []int // indexes into inputs: by label, so that the order of the command line changes nothing
	streams []*stream
	place   []place
	options decode.Options
	stacks  *decode.Stacks
	join    *join.Joiner
	*digest
	// taker takes what is found: the digest, or what keeps it for that.
	taker taker
	// first is the time of the first packet, now that of the latest.
	first, now int64
	// nextTick is when idle state is looked for next.
	nextTick int64
	nframes  uint64
	// led has the time of the latest packet that was led on, of each stream of the merger.
	led []int64
	// window is nil but for several live streams.
	window *window
}

func newEngine(ctx context.Context, inputs []Input, cfg Config) *engine {
	e := &engine{
		cfg: cfg, inputs: inputs, nextTick: math.MinInt64, stacks: decode.NewStacks(), options: decode.Options{Ports: cfg.Ports},
	}
	names := Labels(inputs)
	e.order = make([]int, len(inputs))
	for i := range e.order {
		e.order[i] = i
	}
	sort.SliceStable(e.order, func(a, b int) bool { return names[e.order[a]] < names[e.order[b]] })
	if cfg.Live != nil && len(inputs) > 1 {
		e.window = newWindow(e)
	}
	for _, in := range inputs {
		d := decode.New(e.options, e.stacks)
		if e.window != nil {
			s := newStream(in, d)
			s.window, s.latest = e.window, s.capture
			e.streams = append(e.streams, s)
		} else if cfg.Live != nil {
			e.streams = append(e.streams, openLive(in, d, cfg.Live.Stop))
		} else {
			e.streams = append(e.streams, open(in, d))
		}
	}
	var sketches []sketch
	if len(inputs) > 1 && e.window == nil {
		sketches = e.sketches(ctx)
		e.copies(ctx, sketches)
		e.estimateClocks(sketches)
	}
	e.place = e.places(names, sketches)
	sources, captures := make([]join.Source, len(inputs)), make([]cluster.Source, len(inputs))
	nodes := map[string]uint16{}
	for _, i := range e.order {
		s, node := e.streams[i], e.place[i].node
		if _, ok := nodes[node]; !ok {
			nodes[node] = uint16(len(nodes))
		}
		s.capture.Node = node
		s.links = cfg.Links[node]
		sources[i] = join.Source{Label: names[i], Node: node, NodeIndex: nodes[node]}
		captures[i] = cluster.Source{Machine: nodes[node], Node: node, Link: s.link}
	}
	if cfg.NodePorts == (fact.PortRange{}) {
		cfg.NodePorts = cluster.DefaultNodePorts
	}
	e.join = join.New(sources, e.stacks, decode.New(e.options, e.stacks), join.Sinks{
		Connection: func(x *life.Ended) { e.taker.connection(x) },
		Heard:      func(a netip.Addr, time int64) { e.taker.heard(a, time) },
		Tunnel:     func(src, dst netip.Addr, ttl uint8) { e.taker.tunnel(src, dst, ttl) },
		DNS:        func(m join.Message) { e.taker.dns(m) },
		Refused:    func(m join.Message) { e.taker.refused(m) },
		Declined:   func(m join.Message) { e.taker.declined(m) },
		Resent:     func(time int64) { e.taker.resent(time) },
		Watch:      watch(cfg, names),
	}, budget(cfg.MaxMemory))
	e.digest = newDigest(cfg, cluster.New(captures, cfg.NodePorts, clusterRoom(cfg.MaxMemory)), e.join.ID)
	e.taker = e.digest
	return e
}

// second is how often, in capture time, idle state is looked for.
const second = 1e9

func (e *engine) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var m merger
	var origins []*origin
	for _, i := range e.order {
		if s := e.streams[i]; s.failed == nil {
			o := sight.Origin{Capture: uint16(i), Series: uint16(e.place[i].series), Node: e.join.Node(i)}
			s.leader, s.stacks = e.join.Leader(o), e.stacks
			if e.cfg.Live != nil {
				s.live, s.pulse, s.heard, s.latest = e.cfg.Live, e.pulse, e.cfg.Live.Now(), s.soFar()
			}
			m.streams = append(m.streams, s)
			mixed := o
			mixed.Mixed = true
			origins = append(origins, &origin{o, mixed})
		}
	}
	e.led = make([]int64, len(m.streams))
	if m.window = e.window; m.window != nil {
		m.window.open()
	}
	// step leads through analysis some of what has been read, drain all.
	step := func(ctx context.Context) (more bool, err error) {
		x, ok := m.next()
		if !ok {
			return false, ctx.Err()
		}
		return true, e.follow(ctx, &x, origins[x.stream])
	}
	drain := func(ctx context.Context) error {
		for {
			if more, err := step(ctx); !more || err != nil {
				return err
			}
		}
	}
	switch s := m.streams[0]; {
	case s.live == nil && e.cfg.Jobs == 1:
		return drain(ctx)
	case s.live == nil && len(m.streams) == 1:
		return e.relay(ctx, s, drain)
	}
	for _, s := range m.streams {
		s.run(ctx)
	}
	if m.streams[0].live != nil || e.cfg.inTurn() {
		return drain(ctx)
	}
	return e.aside(ctx, step)
}

// origin is where a stream's frames were captured, with and without an index of their interface.
type origin struct{ plain, mixed sight.Origin }

// follow leads packets of one origin through analysis.
func (e *engine) follow(ctx context.Context, x *span, from *origin) error {
	b := x.b
	if e.nframes == 0 {
		e.first = b.packets[x.from].Time
	}
	for i := x.from; i < x.to; {
		begin, to := x.moment(e.first, i)
		e.taker.frames(begin, to-i)
		i = to
	}
	for i := x.from; i < x.to; i++ {
		p := &b.packets[i]
		if len(b.anew) > 0 && slices.Contains(b.anew, i) {
			e.outage(x, p.Time)
		}
		if p.Time >= e.nextTick || p.Time < e.nextTick-wild { // a clock may be set back
			if err := ctx.Err(); err != nil {
				return err
			}
			if e.nframes == 0 && e.cfg.Begun != nil {
				e.cfg.Begun(p.Time)
			}
			e.join.Tick(p.Time)
			e.taker.tick(p.Time)
			e.nextTick = p.Time + second
		}
		e.now = max(e.now, p.Time)
		if i%join.Ahead == 0 && len(b.order) == 0 {
			e.join.Ahead(b.leads, i)
		}
		o := &from.plain
		if b.leads[i].Mixed {
			o = &from.mixed
		}
		e.join.Track(p, b.block.Data, o, &b.leads[i])
		if e.cfg.Frame != nil {
			f := &b.block.Frames[i]
			e.cfg.Frame(&Frame{
				Frame: f, Capture: int(o.Capture), Interface: b.interfaces[f.Interface], Packet: p, Data: b.data(i),
			}, e.join.Marked)
		}
		if e.nframes++; e.nframes%(1<<12) == 0 {
			if err := ctx.Err(); err != nil { // many may be of one second
				return err
			}
			if e.nframes%(1<<16) == 0 && e.cfg.Frames != nil {
				e.cfg.Frames(e.nframes)
			}
		}
	}
	e.led[x.stream] = max(e.led[x.stream], b.packets[x.to-1].Time)
	return nil
}

// shortOutage is how long, in nanoseconds, nothing may be missing between parts of a capture that follow each other, as those of a rotating one do.
const shortOutage = 100e6

// outage notes that the capture of a span was begun anew with its packet at the time t.
func (e *engine) outage(x *span, t int64) {
	began := e.led[x.stream]
	for _, p := range x.b.packets[x.from:x.to] {
		if p.Time >= t {
			break
		}
		began = max(began, p.Time)
	}
	if t-began > shortOutage {
		e.join.Outage(began)
		e.taker.outage(began)
	}
}

// flush ends everything, as the input has ended.
func (e *engine) flush() {
	e.lookups.Flush(e.now) // first: its answers name Services
	if e.cfg.Connection != nil {
		// Learn from all that end now before the first of them is named.
		e.join.Open(e.now, false, 0, e.cluster.Learn)
		e.learned = true
	}
	e.join.Flush()
	if e.cfg.Named != nil {
		e.cfg.Named(e.cluster.Name)
	}
}

// captures describes the captures as far as they were read.
func (e *engine) captures() []fact.Capture {
	var list []fact.Capture
	for i, s := range e.streams {
		c := s.described()
		s.coverage.describe(&c)
		c.Host = e.cluster.IsHost(i)
		list = append(list, c)
	}
	return list
}

// totals counts what was seen so far, and what is open.
func (e *engine) totals() fact.Totals {
	live := uint64(e.join.Live())
	return fact.Totals{
		Frames: e.nframes, Connections: e.join.Connections + live, Live: live, Lookups: e.reach.nlookups + uint64(e.lookups.Live()),
		Retransmissions: e.retransmissions, Failed: e.reach.failed, Late: e.reach.late,
		Evicted: e.join.Evicted, EvictedWays: e.reach.evictedWays, EvictedFaults: e.reach.evictedFaults, EvictedLookups: e.lookups.Evicted() + e.reach.evictedLookups,
	}
}

// facts puts together what was concluded, and gives everything its name.
func (e *engine) facts() *fact.Facts {
	e.settleAll()
	f := &fact.Facts{Captures: e.captures(), Totals: e.totals()}
	f.DNS.Costs, f.DNS.Servers = e.lookups.Costs(), e.lookups.Servers()
	c := &f.DNS.Costs
	f.DNS.Lookups, f.DNS.Queries, f.DNS.Wasted, f.DNS.Retries, f.DNS.Unanswered = c.Lookups, c.Queries, c.Wasted, c.Retries, c.Unanswered
	for _, s := range f.DNS.Servers {
		for _, b := range append([]netip.AddrPort{s.Server}, s.Backends...) {
			if s.Answers > 0 {
				e.cluster.DNSServer(b.Addr())
			}
		}
	}
	f.Reach, f.Lookups = e.reach.reach(), e.reach.lookups
	f.Plain, f.Heard = e.reach.plains.facts(), e.reach.plains.heardFacts()
	for i := range f.Reach {
		r := &f.Reach[i]
		for n := range r.Examples {
			e.cluster.Name(&r.Examples[n])
		}
		r.Service, r.Backend = r.Examples[0].Service, r.Examples[0].Backend
	}
	if e.part != nil {
		chosen := e.chosen
		f.Part = &chosen
	}
	f.Timeline = e.timeline.facts()
	f.Tunnels, f.Neighbours = e.join.Tunnels.Facts(), e.join.Neighbours.Facts()
	f.Addresses, f.Interfaces, f.Cluster = e.cluster.Addresses(), e.cluster.Interfaces(), e.cluster.Facts()
	slices.SortStableFunc(f.Lookups, func(a, b fact.Lookup) int { return cmp.Compare(a.Start, b.Start) })
	return f
}
