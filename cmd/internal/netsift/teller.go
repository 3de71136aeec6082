package netsift

import (
	"io"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
)

// teller tells what happens in a live analysis.
type teller interface {
	begin(o json.LiveOptions) error
	tell(m *report.Moment, changes []report.Change) error
	end(r *report.Report) error
	// close gives up what the teller holds of the terminal, also where there is no end.
	close()
}

// newTeller returns the teller for a request's form and output, and the Env for everything else that is said meanwhile. A screen calls
// leave when the user wants to end.
func newTeller(e *Env, q *request, leave func()) (teller, *Env) {
	switch {
	case q.form == "json":
		return &jsonTeller{json.NewLive(q.out), q.out}, e
	case q.out.draws():
		s := newScreen(e, q.text, leave)
		return s, e.saying(&s.said)
	}
	return &lineTeller{q.out, q.text}, e
}

// jsonTeller writes events.
type jsonTeller struct {
	*json.Live
	out *output
}

func (t *jsonTeller) begin(o json.LiveOptions) error { return t.flush(t.Begin(Version, o)) }

func (t *jsonTeller) tell(m *report.Moment, changes []report.Change) error {
	for i := range changes {
		if err := t.Change(m, &changes[i]); err != nil {
			return err
		}
	}
	return t.flush(t.Moment(m))
}

func (t *jsonTeller) end(r *report.Report) error { return t.flush(t.End(r)) }

func (t *jsonTeller) close() {}

func (t *jsonTeller) flush(err error) error {
	if err != nil {
		return err
	}
	return t.out.Flush()
}

// lineTeller writes a line for each change, and the report in the end.
type lineTeller struct {
	out *output
	opt text.Options
}

func (t *lineTeller) begin(json.LiveOptions) error { return nil }

func (t *lineTeller) tell(m *report.Moment, changes []report.Change) error {
	for i := range changes {
		if _, err := io.WriteString(t.out, text.Change(&changes[i], m.Time, t.opt)+"\n"); err != nil {
			return err
		}
	}
	return t.out.Flush()
}

func (t *lineTeller) end(r *report.Report) error {
	if _, err := io.WriteString(t.out, "\n"); err != nil {
		return err
	}
	return text.Report(t.out, r, t.opt)
}

func (t *lineTeller) close() {}
