package netsift

import (
	"bytes"

	tea "charm.land/bubbletea/v2"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
)

// screen shows on a terminal how a live analysis stands, and in the end the report.
type screen struct {
	env     *Env
	program *tea.Program
	model   *model
	ended   chan struct{}
	// said is what goes to standard error when the terminal is free again: on the screen nobody would find it.
	said bytes.Buffer
}

// newScreen begins to show. leave is called when the user wants to end.
func newScreen(e *Env, opt text.Options, leave func()) *screen {
	s := &screen{env: e, ended: make(chan struct{})}
	options := []tea.ProgramOption{tea.WithOutput(e.Stdout), tea.WithoutSignalHandler()}
	// Standard input is the capture: keys come from the terminal itself, if there is one.
	if keys, err := e.Terminal(); err == nil {
		options = append(options, tea.WithInput(keys))
	} else {
		options = append(options, tea.WithInput(nil))
	}
	s.model = &model{opt: opt, leave: leave}
	s.program = tea.NewProgram(s.model, options...)
	go func() {
		defer close(s.ended)
		s.program.Run()
	}()
	return s
}

func (s *screen) begin(json.LiveOptions) error { return nil }

func (s *screen) tell(m *report.Moment, _ []report.Change) error {
	s.program.Send(*m)
	return nil
}

// close gives the terminal back.
func (s *screen) close() {
	s.program.Quit()
	<-s.ended
	s.said.WriteTo(s.env.Stderr)
}

func (s *screen) end(r *report.Report) error {
	s.close()
	return text.Report(s.env.Stdout, r, s.model.opt) // as wide as the terminal is by now
}

// model is what bubbletea shows.
type model struct {
	moment  report.Moment
	opt     text.Options
	height  int
	leaving bool
	leave   func()
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd { return nil }

// Update implements tea.Model.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case report.Moment:
		m.moment = msg
	case tea.WindowSizeMsg:
		m.opt.Width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		if k := msg.String(); k == "q" || k == "ctrl+c" {
			m.leaving = true
			m.leave()
		}
	}
	return m, nil
}

// View implements tea.Model.
func (m *model) View() tea.View {
	keys := "q ends and prints the report"
	if m.leaving {
		keys = "ending …"
	}
	v := tea.NewView(text.Screen(&m.moment, m.height-2, m.opt) + "\n\n" + keys)
	v.AltScreen, v.DisableBracketedPasteMode = true, true
	return v
}
