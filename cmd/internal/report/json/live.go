package json

import (
	"io"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// LiveSchema names the form of the events of `netsift live`.
const LiveSchema = "netsift.live/v1"

// LiveConfig is the first event, with the options.
type LiveConfig struct {
	Type    string      `json:"type"` // config
	Schema  string      `json:"schema"`
	Netsift string      `json:"netsift"`
	Options LiveOptions `json:"options"`
}

// LiveOptions are the options of a live analysis.
type LiveOptions struct {
	// Input is the first of Inputs.
	Input       string `json:"input"`
	MinSeverity string `json:"min_severity"`
	// Config is the policy file, Evidence the folder that evidence is written to, Metrics the address that metrics are served at;
	// each null where there is none.
	Config   *string `json:"config"`
	Evidence *string `json:"evidence"`
	Metrics  *string `json:"metrics"`
	// Redacted says that addresses and names are replaced, also in the other options.
	Redacted bool `json:"redacted"`
	// MaxMemory is in bytes.
	MaxMemory int64 `json:"max_memory"`
	// Inputs are the streams.
	Inputs []string `json:"inputs"`
}

// LiveFinding is a finding that was opened, or of which there is more to say.
type LiveFinding struct {
	Type  string `json:"type"`  // finding
	State string `json:"state"` // opened, updated
	Finding
}

// LiveWithdrawn takes a finding back: it does not hold any more, or a cause that was found later explains it.
type LiveWithdrawn struct {
	Type string `json:"type"` // withdrawn
	ID   string `json:"id"`
	Rule string `json:"rule"`
	// SupersededBy is the id of the finding that explains it, null where none does.
	SupersededBy *string `json:"superseded_by"`
}

// LiveStats comes once a second.
type LiveStats struct {
	Type string `json:"type"` // stats
	// Time is that of the latest packet, null before the first.
	Time            *string `json:"time"`
	Frames          uint64  `json:"frames"`
	Bytes           uint64  `json:"bytes"`
	FramesPerSecond float64 `json:"frames_per_second"`
	// Connections and Lookups count those that began, Live the connections that are open.
	Connections     uint64 `json:"connections"`
	Live            int    `json:"live"`
	Lookups         uint64 `json:"lookups"`
	Retransmissions uint64 `json:"retransmissions"`
	// Evicted counts connections given up because memory ran short, EvictedWays and EvictedLookups what rules do not see any more for the same reason:
	// ways from a client to a place, and lookups on which something was wrong.
	Evicted        uint64 `json:"evicted"`
	EvictedWays    uint64 `json:"evicted_ways"`
	EvictedLookups uint64 `json:"evicted_lookups"`
	// Damage counts places of the stream that could not be read.
	Damage int `json:"damage"`
	// Streams says how each of several came in, in the order of the inputs; null where there is one.
	Streams []*Stream `json:"streams"`
	// LagMS is how far the latest packet lies behind the clock, in milliseconds; null where nothing came lately.
	LagMS *float64 `json:"lag_ms"`
	// Memory is what the program has from the system, in bytes.
	Memory uint64 `json:"memory"`
	// Judged is the time of the latest packet that the findings were judged by: an earlier one than Time's where judging takes long; null before
	// the first judgement.
	Judged     *string    `json:"judged"`
	BySeverity BySeverity `json:"by_severity"`
}

// LiveEnd is the last event. Report is the object that `netsift analyze` prints for the same packets.
type LiveEnd struct {
	Type   string    `json:"type"` // end
	Report *Document `json:"report"`
}

// Live writes events, one a line.
type Live struct {
	w io.Writer
}

// NewLive returns a writer of events.
func NewLive(w io.Writer) *Live { return &Live{w} }

// Begin writes the first event. version is the program's, o has what it was asked for.
func (l *Live) Begin(version string, o LiveOptions) error {
	return write(l.w, &LiveConfig{"config", LiveSchema, version, o}, "")
}

// Change writes what happened to a finding at a moment.
func (l *Live) Change(m *report.Moment, c *report.Change) error {
	if c.Kind == report.Withdrawn {
		return write(l.w, &LiveWithdrawn{"withdrawn", c.Finding.ID, c.Finding.Rule, text(c.By)}, "")
	}
	return write(l.w, &LiveFinding{"finding", c.Kind.String(), newFinding(&c.Finding, m.Captures, report.Digits(m.Captures))}, "")
}

// Moment writes how the analysis stands.
func (l *Live) Moment(m *report.Moment) error {
	s := &LiveStats{
		Type: "stats", Frames: m.Totals.Frames, FramesPerSecond: round1(m.Frames), Connections: m.Totals.Connections, Live: m.Live,
		Lookups: m.Totals.Lookups, Retransmissions: m.Totals.Retransmissions, Memory: m.Memory,
		Evicted: m.Totals.Evicted, EvictedWays: m.Totals.EvictedWays, EvictedLookups: m.Totals.EvictedLookups,
	}
	digits := report.Digits(m.Captures)
	s.Time, s.Judged = when(m.Time, digits), when(m.Judged, digits)
	for i := range m.Captures {
		s.Bytes += m.Captures[i].Bytes
		s.Damage += len(m.Captures[i].Damage)
		if x := newStream(m.Captures[i].Stream); x != nil {
			s.Streams = append(s.Streams, x)
		}
	}
	if m.Lag >= 0 {
		ms := round1(m.Lag.Seconds() * 1000)
		s.LagMS = &ms
	}
	for i := range m.Open {
		switch m.Open[i].Severity {
		case rules.Critical:
			s.BySeverity.Critical++
		case rules.Warning:
			s.BySeverity.Warning++
		default:
			s.BySeverity.Info++
		}
	}
	return write(l.w, s, "")
}

// End writes the last event.
func (l *Live) End(r *report.Report) error { return write(l.w, &LiveEnd{"end", document(r)}, "") }

// round1 keeps one digit behind the point.
func round1(x float64) float64 { return float64(int64(x*10+0.5)) / 10 }
