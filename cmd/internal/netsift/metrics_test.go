package netsift

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/rules"
)

// TestMetrics: names and types are as Prometheus has them, and values those of the latest moment.
func TestMetrics(t *testing.T) {
	e, _, _ := testEnv(nil, 0)
	e.Listen = func(address string) (net.Listener, error) { return net.Listen("tcp", address) }
	x, err := serveMetrics(e, "0")
	if err != nil {
		t.Fatal(err)
	}
	defer x.close()
	if !strings.HasPrefix(x.address, "127.0.0.1:") {
		t.Errorf("a port alone is served at %s", x.address)
	}
	scrape := func() string {
		r, err := http.Get("http://" + x.address + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			t.Fatal(r.Status, err)
		}
		return string(b)
	}
	text := scrape()
	for _, want := range []string{"netsift_packets_total 0\n", "netsift_lag_seconds -1\n", `netsift_decode_stops_total{reason="cut"} 0` + "\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("before the first moment: no %q in\n%s", want, text)
		}
	}
	c := fact.Capture{Bytes: 700, Dropped: 3}
	c.Stops[decode.StopCut] = 5
	hole := rules.Finding{Rule: "cni-mtu-blackhole", Severity: rules.Critical}
	x.set(&report.Moment{
		Captures: []fact.Capture{c}, Totals: fact.Totals{Frames: 8, Connections: 4, Evicted: 1}, Live: 2, Lag: 250 * time.Millisecond, Memory: 1 << 20,
		Open: []rules.Finding{hole, hole},
	}, []report.Change{{Kind: report.Opened, Finding: hole}, {Kind: report.Updated, Finding: hole}})
	text = scrape()
	for _, want := range []string{
		"# TYPE netsift_packets_total counter\nnetsift_packets_total 8\n", "netsift_bytes_total 700\n", "netsift_dropped_packets_total 3\n",
		"netsift_connections_total 4\n", "netsift_evicted_connections_total 1\n", "# TYPE netsift_live_connections gauge\nnetsift_live_connections 2\n",
		"netsift_lag_seconds 0.25\n", "netsift_memory_bytes 1.048576e+06\n", `netsift_decode_stops_total{reason="cut"} 5` + "\n",
		`netsift_findings_open{rule="cni-mtu-blackhole",severity="critical"} 2` + "\n",
		`netsift_findings_opened_total{rule="cni-mtu-blackhole",severity="critical"} 1` + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	if _, err := serveMetrics(e, x.address); err == nil || exitCode(err) != ExitUsage {
		t.Errorf("an address in use: %v", err)
	}
	for r, name := range stopReasons {
		if name == "" && decode.Reason(r) != decode.StopNone {
			t.Errorf("decode stop %q has no name", decode.Reason(r))
		}
	}
}

// TestMetricsClients: clients that ask nothing take the room of a few only, and make room when they leave.
func TestMetricsClients(t *testing.T) {
	e, _, _ := testEnv(nil, 0)
	e.Listen = func(address string) (net.Listener, error) { return net.Listen("tcp", address) }
	x, err := serveMetrics(e, "0")
	if err != nil {
		t.Fatal(err)
	}
	defer x.close()
	var silent []net.Conn
	for range maxClients + 1 {
		c, err := net.Dial("tcp", x.address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		silent = append(silent, c)
	}
	if n, err := silent[maxClients].Read(make([]byte, 1)); n != 0 || err == nil { // it waits for as long as it takes to be turned away
		t.Errorf("one too many is served: %d, %v", n, err)
	}
	if s := x.server; s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes > 1<<16 {
		t.Errorf("a slow client is waited for without end: %+v", s)
	}
	for _, c := range silent {
		c.Close()
	}
	for {
		r, err := http.Get("http://" + x.address + "/metrics")
		if err != nil {
			continue // those that left are noticed one by one
		}
		r.Body.Close()
		break
	}
}
