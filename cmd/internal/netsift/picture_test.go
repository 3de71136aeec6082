package netsift

import (
	"context"
	"fmt"
	"html"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/netsift/netsift/cmd/internal/report/golden"
)

// The sizes of a terminal's picture, in pixels: its window, and the cells of its characters.
const (
	cellWidth, cellHeight = 8.4, 18.0
	paddingX, paddingY    = 18.0, 44.0
	pictureColumns        = 92
	pictureLines          = 44
)

// colours are those of the 16 that a report uses, on the window's background.
var colours = map[int]string{31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 36: "#79c0ff"}

const background, foreground = "#0d1117", "#e6edf3"

// look is how characters look, as the terminal's escape sequences have set it.
type look struct {
	fg                  string
	bold, faint, invert bool
}

// set obeys a sequence of the form ESC [ 1 ; 31 m.
func (l *look) set(codes string) {
	for code := range strings.SplitSeq(codes, ";") {
		switch n, _ := strconv.Atoi(code); n {
		case 0:
			*l = look{}
		case 1:
			l.bold = true
		case 2:
			l.faint = true
		case 7:
			l.invert = true
		default:
			l.fg = colours[n]
		}
	}
}

// picture draws what a command printed on a terminal, as an SVG: a window with its own background, so that it looks the same on a
// light page and on a dark one. What is below its last line fades out.
func picture(command, output string) string {
	lines := strings.Split(strings.TrimSuffix(output, "\n"), "\n")
	lines = append([]string{"\x1b[2m$ \x1b[0m\x1b[1m" + command + "\x1b[0m", ""}, lines...)
	lines = lines[:min(len(lines), pictureLines)]
	width, height := pictureColumns*cellWidth+2*paddingX, float64(len(lines))*cellHeight+paddingY+12
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%[1]v" role="img" aria-label="netsift analyze in a terminal: the verdict, a finding, its evidence">`+"\n", width, height)
	fmt.Fprintf(&b, `<defs><linearGradient id="fade" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="%s" stop-opacity="0"/><stop offset="1" stop-color="%[1]s"/></linearGradient></defs>`+"\n", background)
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" rx="10" fill="%s" stroke="#30363d"/>`+"\n", width, height, background)
	for i, c := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="20" r="6" fill="%s"/>`+"\n", 22+i*20, c)
	}
	fmt.Fprintf(&b, `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="%s">`+"\n", foreground)
	for i, line := range lines {
		drawLine(&b, line, paddingY+float64(i)*cellHeight)
	}
	b.WriteString("</g>\n")
	fmt.Fprintf(&b, `<rect x="1" y="%.0f" width="%.0f" height="80" rx="10" fill="url(#fade)"/>`+"\n</svg>\n", height-81, width-2)
	return b.String()
}

// drawLine draws the stretches of a line that look alike, each at its columns, with any font.
func drawLine(b *strings.Builder, line string, y float64) {
	var l look
	column := 0
	draw := func(text string) {
		bare := strings.TrimLeft(text, " ")
		at := column + len(text) - len(bare)
		column += ansi.StringWidth(text)
		if bare = strings.TrimRight(bare, " "); bare != "" {
			// Several spaces in a row would become one.
			bare = strings.ReplaceAll(bare, " ", "\u00a0")
			drawText(b, l, bare, paddingX+float64(at)*cellWidth, y, float64(ansi.StringWidth(bare))*cellWidth)
		}
	}
	for line != "" {
		text, rest, found := strings.Cut(line, "\x1b[")
		if text != "" {
			draw(text)
		}
		if !found {
			return
		}
		codes, after, _ := strings.Cut(rest, "m")
		l.set(codes)
		line = after
	}
}

func drawText(b *strings.Builder, l look, text string, x, y, width float64) {
	fill := l.fg
	if l.invert {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.0f" fill="%s"/>`, x, y-1, width, cellHeight, fill)
		fill = background
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs"`, x, y+cellHeight-5, width)
	if fill != "" {
		fmt.Fprintf(b, ` fill="%s"`, fill)
	}
	if l.bold {
		b.WriteString(` font-weight="bold"`)
	}
	if l.faint {
		b.WriteString(` opacity="0.6"`)
	}
	fmt.Fprintf(b, ">%s</text>\n", html.EscapeString(text))
}

// TestPicture holds the README's picture against what the program prints today about the demo's captures.
func TestPicture(t *testing.T) {
	const command = "analyze --cluster cluster.json node1.pcap.zst node2.pcap.zst"
	e, stdout, _ := testEnv(docFiles(t), 0)
	e.StdoutTTY, e.Width = true, pictureColumns
	if code := Run(context.Background(), e, strings.Fields(command)); code != ExitOK {
		t.Fatalf("exit code %d", code)
	}
	golden.Check(t, "../../../../docs/demo.svg", []byte(picture("netsift "+command, stdout.String())))
}
