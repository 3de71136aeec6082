package text

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// style are the looks in use. They are made of the 16 colours that every terminal theme adapts to its background, so
// that nobody has to ask the terminal whether it is light or dark.
type style struct {
	critical, warning, info, ok, dim, bold, command lipgloss.Style
}

func newStyle(o Options) style {
	// A renderer of our own: the default one would look at the environment and may query the terminal.
	r := lipgloss.NewRenderer(io.Discard)
	r.SetHasDarkBackground(true)
	r.SetColorProfile(termenv.Ascii)
	if o.Color {
		r.SetColorProfile(termenv.ANSI)
	}
	s := r.NewStyle().Inline(true)
	return style{
		critical: s.Foreground(lipgloss.Color("1")).Bold(true),
		// Yellow on white can't be read; reversed it can, on either background.
		warning: s.Foreground(lipgloss.Color("3")).Bold(true).Reverse(true),
		info:    s.Foreground(lipgloss.Color("6")),
		ok:      s.Foreground(lipgloss.Color("2")),
		dim:     s.Faint(true),
		bold:    s.Bold(true),
		command: s.Foreground(lipgloss.Color("6")),
	}
}

// severity returns the mark of a severity.
func (s *style) severity(v rules.Severity) string {
	switch v {
	case rules.Critical:
		return s.critical.Reverse(true).Render("CRITICAL")
	case rules.Warning:
		return s.warning.Render("WARNING")
	}
	return s.info.Render("INFO")
}

// state returns a layer with its state.
func (s *style) state(l rules.Layer, v rules.State) string {
	name := report.LayerName(l) + " "
	switch v {
	case rules.Failing:
		return name + s.critical.Render(string(v))
	case rules.OK:
		return name + s.ok.Render(string(v))
	}
	return name + s.dim.Render(string(rules.Unknown))
}
