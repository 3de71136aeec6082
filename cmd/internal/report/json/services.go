package json

import (
	"io"
	"math"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// BackendUse is how the connections to one backend of a Service fared: a line of `netsift flows --by service -o json`.
type BackendUse struct {
	Service string `json:"service"`
	// Backend is null for connections that never got one.
	Backend *string `json:"backend"`
	Proto   string  `json:"proto"`
	// Connections counts those to this backend, Share is their part of all to the Service.
	Connections uint64 `json:"connections"`
	Share       number `json:"share"`
	// Failed counts those refused, unreachable, reset or hanging.
	Failed          uint64   `json:"failed"`
	Outcomes        Outcomes `json:"outcomes"`
	Retransmissions uint64   `json:"retransmissions"`
	// Objects are those of the Service and the backend, null without a snapshot of the cluster.
	Objects *Objects `json:"objects"`
}

// Outcomes counts connections by what the client's socket lived through.
type Outcomes struct {
	OK          uint64 `json:"ok"`
	Refused     uint64 `json:"refused"`
	Unreachable uint64 `json:"unreachable"`
	Reset       uint64 `json:"reset"`
	Hang        uint64 `json:"hang"`
	OneWay      uint64 `json:"one-way"`
	Unfinished  uint64 `json:"unfinished"`
}

// Services writes one line for each backend of each Service.
func Services(w io.Writer, list []report.BackendUse) error {
	for i := range list {
		u := &list[i]
		o := &u.Outcomes
		err := write(w, BackendUse{
			Service: report.AddrPort(u.Service), Backend: text(report.AddrPort(u.Backend)), Proto: u.Proto.String(), Connections: u.Connections,
			Share: number(math.Round(1e4*float64(u.Connections)/float64(u.Of)) / 1e4), Failed: u.Failed(),
			Outcomes: Outcomes{
				o[fact.OK], o[fact.Refused], o[fact.Unreachable], o[fact.ResetOutcome], o[fact.Hang], o[fact.OneWay], o[fact.Unfinished],
			},
			Retransmissions: u.Retransmissions, Objects: newObjects(u.Objects),
		}, "")
		if err != nil {
			return err
		}
	}
	return nil
}
