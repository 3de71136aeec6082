package netsift

import (
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/rules"
)

// exporter serves Prometheus metrics of a live analysis. It has a registry of its own, without the metrics that libraries
// register by themselves. The counting is done elsewhere: exporter only collects the values of the latest moment.
type exporter struct {
	address string
	server  *http.Server

	mu sync.Mutex
	at standing
	// opened counts the findings that were opened, by labels.
	opened map[[2]string]float64
}

// standing is how an analysis stands, in numbers.
type standing struct {
	packets, bytes, dropped, connections, lookups, retransmissions, evicted, evictedWays, evictedLookups, damage float64

	live, lag, memory float64
	stops             [decode.Reasons]float64
	// open counts the findings that hold, by labels.
	open map[[2]string]float64
}

// stopReasons are the values of the label of decode stops.
var stopReasons = [decode.Reasons]string{
	decode.StopCut: "cut", decode.StopShort: "short", decode.StopLength: "length", decode.StopVersion: "version",
	decode.StopDepth: "depth", decode.StopLink: "link",
}

// metric describes a metric, and finds its value.
type metric struct {
	*prometheus.Desc
	kind  prometheus.ValueType
	value func(*standing) float64
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("netsift_"+name, help, labels, nil)
}

func counts(name, help string, value func(*standing) float64) metric {
	return metric{describe(name, help), prometheus.CounterValue, value}
}

func gauges(name, help string, value func(*standing) float64) metric {
	return metric{describe(name, help), prometheus.GaugeValue, value}
}

// plain are the metrics without labels.
var plain = []metric{
	counts("packets_total", "Frames read.", func(s *standing) float64 { return s.packets }),
	counts("bytes_total", "Captured bytes of the frames read.", func(s *standing) float64 { return s.bytes }),
	counts("dropped_packets_total", "Packets that the capturing kernel lost, as far as the stream says it.", func(s *standing) float64 { return s.dropped }),
	counts("connections_total", "Connections that began.", func(s *standing) float64 { return s.connections }),
	counts("lookups_total", "DNS lookups that began.", func(s *standing) float64 { return s.lookups }),
	counts("retransmissions_total", "Retransmissions in connections that ended.", func(s *standing) float64 { return s.retransmissions }),
	counts("evicted_connections_total", "Connections given up because memory ran short.", func(s *standing) float64 { return s.evicted }),
	counts("evicted_ways_total", "Ways from a client to a place given up because memory ran short.", func(s *standing) float64 { return s.evictedWays }),
	counts("evicted_lookups_total", "Lookups given up because memory ran short.", func(s *standing) float64 { return s.evictedLookups }),
	counts("damaged_places_total", "Places of the stream that could not be read.", func(s *standing) float64 { return s.damage }),
	gauges("live_connections", "Connections that are open.", func(s *standing) float64 { return s.live }),
	gauges("lag_seconds", "How far the latest packet lies behind the clock; -1 while nothing comes.", func(s *standing) float64 { return s.lag }),
	gauges("memory_bytes", "Memory taken from the system.", func(s *standing) float64 { return s.memory }),
}

// Metrics with labels.
var (
	stopsMetric  = describe("decode_stops_total", "Frames whose decoding ended before their last header, by reason.", "reason")
	openMetric   = describe("findings_open", "Findings that hold.", "rule", "severity")
	openedMetric = describe("findings_opened_total", "Findings that were opened.", "rule", "severity")
)

// serveMetrics begins to serve at an address.
func serveMetrics(e *Env, address string) (*exporter, error) {
	if _, err := strconv.ParseUint(address, 10, 16); err == nil {
		address = ":" + address
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usagef("--metrics %q: give a port, or an address with a port such as 0.0.0.0:9090", address)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	listener, err := e.Listen(net.JoinHostPort(host, port))
	if err != nil {
		return nil, usagef("--metrics %s: %v", address, err)
	}
	x := &exporter{address: listener.Addr().String(), at: standing{lag: -1}, opened: map[[2]string]float64{}}
	r := prometheus.NewRegistry()
	r.MustRegister(x)
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(r, promhttp.HandlerOpts{}))
	// An answer is some kilobytes: whoever takes longer for it, or keeps a connection open, holds others off.
	x.server = &http.Server{
		Handler: mux, ReadHeaderTimeout: patient, ReadTimeout: patient, WriteTimeout: 2 * patient, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go x.server.Serve(&few{listener, make(chan struct{}, maxClients)})
	return x, nil
}

// How many clients are served at once, and how long one may take to ask.
const (
	maxClients = 16
	patient    = 5 * time.Second
)

// few is a listener that closes connections beyond as many as open has room for.
type few struct {
	net.Listener
	open chan struct{}
}

// Accept implements net.Listener.
func (l *few) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case l.open <- struct{}{}:
			return &client{Conn: c, left: sync.OnceFunc(func() { <-l.open })}, nil
		default:
			c.Close()
		}
	}
}

// client is a connection of few.
type client struct {
	net.Conn
	left func()
}

// Close implements net.Conn.
func (c *client) Close() error {
	defer c.left()
	return c.Conn.Close()
}

// Describe implements prometheus.Collector.
func (x *exporter) Describe(to chan<- *prometheus.Desc) {
	for _, m := range plain {
		to <- m.Desc
	}
	to <- stopsMetric
	to <- openMetric
	to <- openedMetric
}

// Collect implements prometheus.Collector.
func (x *exporter) Collect(to chan<- prometheus.Metric) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, m := range plain {
		to <- prometheus.MustNewConstMetric(m.Desc, m.kind, m.value(&x.at))
	}
	for r, n := range x.at.stops {
		if stopReasons[r] != "" {
			to <- prometheus.MustNewConstMetric(stopsMetric, prometheus.CounterValue, n, stopReasons[r])
		}
	}
	for l, n := range x.at.open {
		to <- prometheus.MustNewConstMetric(openMetric, prometheus.GaugeValue, n, l[:]...)
	}
	for l, n := range x.opened {
		to <- prometheus.MustNewConstMetric(openedMetric, prometheus.CounterValue, n, l[:]...)
	}
}

// set takes how the analysis stands.
func (x *exporter) set(m *report.Moment, changes []report.Change) {
	s := standing{
		packets: float64(m.Totals.Frames), connections: float64(m.Totals.Connections), lookups: float64(m.Totals.Lookups),
		retransmissions: float64(m.Totals.Retransmissions), evicted: float64(m.Totals.Evicted),
		evictedWays: float64(m.Totals.EvictedWays), evictedLookups: float64(m.Totals.EvictedLookups),
		live: float64(m.Live), lag: -1, memory: float64(m.Memory), open: map[[2]string]float64{},
	}
	for i := range m.Captures {
		c := &m.Captures[i]
		s.bytes += float64(c.Bytes)
		s.dropped += float64(max(c.Dropped, 0))
		s.damage += float64(len(c.Damage))
		for r, n := range c.Stops {
			s.stops[r] += float64(n)
		}
	}
	if m.Lag >= 0 {
		s.lag = m.Lag.Seconds()
	}
	for i := range m.Open {
		s.open[labels(&m.Open[i])]++
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.at = s
	for i := range changes {
		if changes[i].Kind == report.Opened && !changes[i].Renamed {
			x.opened[labels(&changes[i].Finding)]++
		}
	}
}

// labels are those of a finding.
func labels(f *rules.Finding) [2]string { return [2]string{f.Rule, f.Severity.String()} }

// close ends serving.
func (x *exporter) close() { x.server.Close() }
