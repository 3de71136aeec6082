package main

import (
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// exporter serves Prometheus metrics of a live analysis. It has a registry of its own: what a library registers by itself is not
// ours to tell.
type exporter struct {
	address string
	server  *http.Server

	packets, bytes, connections, lookups, retransmissions, evicted prometheus.Gauge
	live, lag, memory, damage                                      prometheus.Gauge
	open                                                           *prometheus.GaugeVec
	opened                                                         *prometheus.CounterVec
}

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
	r := prometheus.NewRegistry()
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "netsift", Name: name, Help: help})
		r.MustRegister(g)
		return g
	}
	x := &exporter{
		address:         listener.Addr().String(),
		packets:         gauge("packets_total", "Frames read."),
		bytes:           gauge("bytes_total", "Bytes of frames read."),
		connections:     gauge("connections_total", "Connections seen."),
		lookups:         gauge("lookups_total", "DNS lookups seen."),
		retransmissions: gauge("retransmissions_total", "Retransmissions in connections that ended."),
		evicted:         gauge("evicted_connections_total", "Connections given up for want of memory."),
		live:            gauge("live_connections", "Connections that are open."),
		lag:             gauge("lag_seconds", "How far the latest packet lies behind the clock; -1 while nothing comes."),
		memory:          gauge("memory_bytes", "Memory taken from the system."),
		damage:          gauge("damaged_places", "Places of the stream that could not be read."),
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "netsift", Name: "findings_open", Help: "Findings that hold.",
		}, []string{"rule", "severity"}),
		opened: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "netsift", Name: "findings_opened_total", Help: "Findings that were opened.",
		}, []string{"rule", "severity"}),
	}
	r.MustRegister(x.open, x.opened)
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(r, promhttp.HandlerOpts{}))
	x.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go x.server.Serve(listener)
	return x, nil
}

// set takes how the analysis stands.
func (x *exporter) set(m *report.Moment, changes []report.Change) {
	x.packets.Set(float64(m.Totals.Frames))
	bytes, damage := uint64(0), 0
	for i := range m.Captures {
		bytes += m.Captures[i].Bytes
		damage += len(m.Captures[i].Damage)
	}
	x.bytes.Set(float64(bytes))
	x.damage.Set(float64(damage))
	x.connections.Set(float64(m.Totals.Connections))
	x.lookups.Set(float64(m.Totals.Lookups))
	x.retransmissions.Set(float64(m.Totals.Retransmissions))
	x.evicted.Set(float64(m.Totals.Evicted))
	x.live.Set(float64(m.Live))
	x.memory.Set(float64(m.Memory))
	lag := -1.0
	if m.Lag >= 0 {
		lag = m.Lag.Seconds()
	}
	x.lag.Set(lag)
	x.open.Reset()
	for i := range m.Open {
		x.open.WithLabelValues(labels(&m.Open[i])...).Inc()
	}
	for i := range changes {
		if changes[i].Kind == report.Opened {
			x.opened.WithLabelValues(labels(&changes[i].Finding)...).Inc()
		}
	}
}

// labels are those of a finding.
func labels(f *rules.Finding) []string { return []string{f.Rule, f.Severity.String()} }

// close ends serving.
func (x *exporter) close() { x.server.Close() }
