package netsift

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/cmd/internal/report"
)

// progress shows on a terminal's standard error how far a long run has come: one line, written over and over, and gone
// when the result comes.
type progress struct {
	env         *Env
	start, last time.Time
	// total is how many bytes there are to be read, -1 where that is not known; read counts those that were.
	total int64
	read  atomic.Int64
	bar   *progressbar.ProgressBar
	shown bool
}

// Nothing is shown of a run shorter than progressAfter, and then not more often than progressEvery; nor on a terminal of fewer columns
// than progressWidth, where a line that is broken in two could not be taken back. Beside the bar itself the line takes as many.
const (
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
	progressWidth = 72
)

// newProgress returns the progress of reading the inputs, which count their bytes from now on.
func newProgress(e *Env, inputs []analyze.Input) *progress {
	now := e.Now()
	p := &progress{env: e, start: now, last: now}
	if !e.StderrTTY || e.Width > 0 && e.Width < progressWidth {
		return p
	}
	for i := range inputs {
		in := &inputs[i]
		if info, err := e.Stat(in.Name); err == nil && !in.Stream && p.total >= 0 {
			p.total += info.Size()
		} else {
			p.total = -1
		}
		open := in.Open
		in.Open = func() (io.ReadCloser, error) {
			r, err := open()
			if err != nil {
				return nil, err
			}
			return &counted{ReadCloser: r, p: p}, nil
		}
	}
	p.bar = progressbar.NewOptions64(p.total,
		progressbar.OptionSetWriter(e.Stderr), progressbar.OptionShowBytes(true), progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(min(max(e.Width-progressWidth, 4), 20)), progressbar.OptionSetPredictTime(p.total > 0), progressbar.OptionThrottle(0),
	)
	p.bar.StartWithoutRender() // it would count from when it is shown first
	return p
}

// counted is an input whose bytes are counted. One that is closed before its end was only looked at: its bytes come again.
type counted struct {
	io.ReadCloser
	p     *progress
	n     int64
	ended bool
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.n += int64(n)
	c.p.read.Add(int64(n))
	c.ended = c.ended || err != nil
	return n, err
}

func (c *counted) Close() error {
	if !c.ended {
		c.p.read.Add(-c.n)
	}
	return c.ReadCloser.Close()
}

// frames is called now and then with the number of frames read so far.
func (p *progress) frames(n uint64) {
	if p.bar == nil {
		return
	}
	now := p.env.Now()
	if now.Sub(p.start) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	p.last = now
	p.shown = true
	rate := uint64(float64(n) / now.Sub(p.start).Seconds())
	p.bar.Describe(report.Many(rate, "packet") + "/s")
	read := p.read.Load()
	if p.total > 0 {
		read = min(read, p.total-1) // the bar ends when the result comes
	}
	p.bar.Set64(read)
}

// clear removes the line.
func (p *progress) clear() {
	if p.shown {
		p.bar.Clear()
	}
}
