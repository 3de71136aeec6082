package main

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
)

// screen shows on a terminal how a live analysis stands, and in the end the report.
type screen struct {
	env     *Env
	opt     text.Options
	program *tea.Program
	ended   chan struct{}
}

// newScreen begins to show. leave is called when the user wants to end.
func newScreen(e *Env, opt text.Options, leave func()) *screen {
	s := &screen{env: e, opt: opt, ended: make(chan struct{})}
	options := []tea.ProgramOption{tea.WithOutput(e.Stdout), tea.WithAltScreen(), tea.WithoutSignalHandler()}
	// Standard input is the capture: keys come from the terminal itself, if there is one.
	if keys, err := e.Terminal(); err == nil {
		options = append(options, tea.WithInput(keys))
	} else {
		options = append(options, tea.WithInput(nil))
	}
	s.program = tea.NewProgram(&model{moment: report.Moment{}, opt: opt, leave: leave}, options...)
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
}

func (s *screen) end(r *report.Report) error {
	s.close()
	return text.Report(s.env.Stdout, r, s.opt)
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
	case tea.KeyMsg:
		if k := msg.String(); k == "q" || k == "ctrl+c" {
			m.leaving = true
			m.leave()
		}
	}
	return m, nil
}

// View implements tea.Model.
func (m *model) View() string {
	keys := "q ends and prints the report"
	if m.leaving {
		keys = "ending …"
	}
	return text.Screen(&m.moment, m.height-2, m.opt) + "\n\n" + keys
}
