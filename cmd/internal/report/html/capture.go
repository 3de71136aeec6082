package html

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// captureRow is a line of the captures' table.
type captureRow struct {
	File, Node, Format, Frames, Bytes, First, Duration, Snaplen, Clock, SHA256 string
	// Notes say what is wrong with it.
	Notes []string
}

// maxDamage is how many damaged places are listed for each capture.
const maxDamage = 3

func captureRows(r *report.Report) []captureRow {
	var rows []captureRow
	for i := range r.Facts.Captures {
		c := &r.Facts.Captures[i]
		row := captureRow{File: report.Clean(c.File), Node: report.Clean(c.Node)}
		if r.Origin != nil && i < len(r.Origin.SHA256) {
			row.SHA256 = r.Origin.SHA256[i]
		}
		if c.Error != "" {
			row.Notes = []string{"can't be read: " + report.Clean(c.Error)}
			rows = append(rows, row)
			continue
		}
		if c.CopyOf != "" {
			row.Notes = []string{"left out: it contains the same packets as " + report.Clean(c.CopyOf)}
			rows = append(rows, row)
			continue
		}
		row.Format = report.Clean(report.Format(c))
		row.Frames, row.Bytes = report.Count(c.Frames), report.Count(c.Bytes)
		if c.Frames > 0 {
			row.First, row.Duration = report.Time(c.First, c.Digits), report.Took(c.Last-c.First)
		}
		if c.Snaplen > 0 {
			row.Snaplen = report.Count(uint64(c.Snaplen))
		}
		row.Clock = clock(&c.Clock, i)
		row.Notes = notes(c)
		rows = append(rows, row)
	}
	return rows
}

// clock says how far a capture's clock is off.
func clock(c *fact.Clock, i int) string {
	switch {
	case i == 0:
		return "reference"
	case c.Samples == 0:
		return "not comparable"
	}
	way, offset := "ahead", c.Offset
	if offset < 0 {
		way, offset = "behind", -offset
	}
	if offset <= c.Error {
		return "the same (±" + report.Took(c.Error) + ")"
	}
	return fmt.Sprintf("%s %s (±%s), corrected", report.Took(offset), way, report.Took(c.Error))
}

func notes(c *fact.Capture) []string {
	var list []string
	if c.CutFrames > 0 {
		list = append(list, fmt.Sprintf("%s cut short by the snaplen", report.Many(c.CutFrames, "frame")))
	}
	if c.Dropped > 0 {
		list = append(list, "the kernel lost "+report.Many(uint64(c.Dropped), "packet")+" while capturing")
	}
	for k, d := range c.Damage {
		if k == maxDamage {
			list = append(list, "and "+report.Many(len(c.Damage)-k, "more damaged place"))
			break
		}
		said := fmt.Sprintf("damaged at byte %s: %s", report.Count(uint64(max(d.Offset, 0))), report.Clean(d.What))
		if d.Skipped < 0 {
			said += "; the rest can't be read"
		} else {
			said += fmt.Sprintf("; skipped %s, went on with frame %d", report.Many(uint64(d.Skipped), "byte"), d.Frame)
		}
		list = append(list, said)
	}
	return list
}
