package html

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"strings"

	"github.com/netsift/netsift/cmd/internal/report"
)

var (
	//go:embed report.tmpl
	pageText string
	//go:embed report.css
	styleText string
	//go:embed report.js
	scriptText string
	// uPlot draws the charts; tools/uplot fetched it.
	//go:embed uplot/uPlot.iife.min.js
	chartScript string
	//go:embed uplot/uPlot.min.css
	chartStyle string
	//go:embed uplot/LICENSE
	chartLicense string
)

// Report writes r.
func Report(w io.Writer, r *report.Report) error {
	// Parsed here and not once for the program: other forms don't pay for it.
	t, err := template.New("report").Parse(pageText)
	if err != nil {
		return err
	}
	p := newPage(report.WithoutDirectories(r))
	license := "/*!\nuPlot\n" + strings.TrimSpace(chartLicense) + "\n*/\n"
	style := chartStyle + styleText
	p.Style = template.CSS(style)
	p.Script, p.Charts = template.JS(scriptText), template.JS(license+chartScript)
	p.StyleHash, p.ScriptHash, p.ChartsHash = hash(style), hash(string(p.Script)), hash(string(p.Charts))
	return t.Execute(w, p)
}

// hash returns the source expression by which a Content-Security-Policy allows one text
// (https://www.w3.org/TR/CSP3/#grammardef-hash-source).
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
