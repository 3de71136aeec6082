package json

import (
	"io"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// StatsSchema names the form of `netsift stats -o json`.
const StatsSchema = "netsift.stats/v1"

// StatsDocument is the whole output of `netsift stats`.
type StatsDocument struct {
	Schema   string         `json:"schema"`
	Captures []StatsCapture `json:"captures"`
}

// StatsCapture is what is in one capture. Every frame counts once, by its innermost packet.
type StatsCapture struct {
	File string `json:"file"`
	// Format is pcap, pcapng or facts, null where the file could not be read; Error says why then.
	Format    *string  `json:"format"`
	LinkTypes []string `json:"link_types"`
	// Damage lists what could not be read, null where nothing is damaged.
	Damage []Damage `json:"damage"`
	Error  *string  `json:"error"`
	fact.Counts
}

// Stats writes what is in captures as one object.
func Stats(w io.Writer, list []report.Tally) error {
	return write(w, StatsDocument{StatsSchema, each(list, func(t *report.Tally) StatsCapture {
		return StatsCapture{
			File: t.File, Format: text(t.Format), LinkTypes: orEmpty(t.LinkTypes), Damage: newDamage(t.Damage), Error: text(t.Error), Counts: t.Counts,
		}
	})}, "  ")
}
