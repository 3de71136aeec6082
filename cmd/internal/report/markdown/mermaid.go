package markdown

import (
	"fmt"
	"strings"

	"github.com/netsift/netsift/cmd/internal/report"
)

// mermaidText returns text that a diagram shows as s. All that is not surely text becomes one of Mermaid's entity codes
// (#35; is a number sign): ; ends a statement, # begins an entity, <br> breaks a line, %% begins a comment. Letters beyond
// ASCII become codes too, because Mermaid uses some as marks of its own while it reads; µ, of microseconds, is none of them.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range report.Clean(s) {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" .,:/()+=_-µ", r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

// write writes the diagram as a block of Markdown.
func (d *diagram) write(b *strings.Builder) {
	b.WriteString("```mermaid\nsequenceDiagram\n")
	for i, name := range d.parts {
		lines := strings.Split(name, "\n")
		for k := range lines {
			lines[k] = mermaidText(clip(lines[k], 80))
		}
		fmt.Fprintf(b, "    participant p%d as %s\n", i, strings.Join(lines, "<br/>"))
	}
	for _, s := range d.steps {
		if s.note {
			over := fmt.Sprintf("p%d", s.from)
			if s.to != s.from {
				over += fmt.Sprintf(",p%d", s.to)
			}
			fmt.Fprintf(b, "    Note over %s: %s\n", over, mermaidText(clip(s.text, 200)))
			continue
		}
		arrow := "->>"
		if s.lost {
			arrow = "-x"
		}
		// p0 and not the name itself: a participant called "end" ends the diagram.
		fmt.Fprintf(b, "    p%d%sp%d: %s<br/>%s\n", s.from, arrow, s.to, mermaidText(clip(s.text, 200)), mermaidText(s.at))
	}
	b.WriteString("```\n")
}
