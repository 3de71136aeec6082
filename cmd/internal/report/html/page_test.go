package html_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/sample"
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/rules"
)

// played is the report on a case of the corpus.
func played(t *testing.T, c *cases.Case) *report.Report {
	t.Helper()
	var in []analyze.Input
	for _, f := range c.Play().Files() {
		in = append(in, analyze.Input{Name: f.Name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.Data)), nil }})
	}
	run := func(cfg analyze.Config) *fact.Facts {
		f, err := analyze.Run(context.Background(), in, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := run(analyze.Config{})
	r := &report.Report{Version: "0.1.0", Facts: f}
	r.Findings, r.Verdict = rules.Judge(f)
	for i := range r.Findings {
		r.BySeverity[r.Findings[i].Severity]++
	}
	var recorders []*trace.Recorder
	watch := analyze.Config{Sighting: func(s *join.Sighting) { recorders[s.Connection].See(s) }}
	for i := range f.Reach {
		recorders, watch.Watch = append(recorders, trace.NewRecorder()), append(watch.Watch, f.Reach[i].Examples[0].ID)
	}
	run(watch)
	for i := range f.Reach {
		r.Walks = append(r.Walks, &report.Walk{Walk: trace.Build(&f.Reach[i].Examples[0], f, recorders[i]), Captures: f.Captures})
	}
	return r
}

func visible(p *tab) []string {
	return eval[[]string](p, `[...document.querySelectorAll(".finding")].filter(e => e.offsetParent).map(e => e.id)`)
}

func TestBrowser(t *testing.T) {
	b := browser(t)
	t.Run("quiet, drawn and named", func(t *testing.T) {
		p := open(t, b, whole())
		p.check("charts", "drawings", "headings", "names", "contrast", "width")
		if n := eval[int](p, `document.querySelectorAll("canvas").length`); n != 3 {
			t.Errorf("%d charts are drawn", n)
		}
		if n := eval[int](p, `document.querySelectorAll(".walk svg").length`); n < 2 {
			t.Errorf("%d walks are drawn", n)
		}
		p.run(chromedp.EmulateViewport(390, 800))
		p.check("width", "contrast", "drawings")
		// The drawing for a narrow window is there instead of the other, whole.
		if got := eval[[]string](p, `[...document.querySelectorAll(".walk svg")].filter(e => e.getClientRects().length && (e.closest(".wide") || e.getBoundingClientRect().right > 390)).map(e => e.outerHTML.slice(0, 100))`); len(got) > 0 {
			t.Errorf("drawings are cut: %q", got)
		}
		if n := eval[int](p, `[...document.querySelectorAll(".walk svg")].filter(e => e.getClientRects().length).length`); n < 2 {
			t.Errorf("%d walks are drawn in a narrow window", n)
		}
	})
	t.Run("cases of the corpus", func(t *testing.T) {
		for _, c := range cases.All() {
			switch c.Name {
			case "cni-mtu-blackhole", "svc-no-endpoints", "dns-search-expansion", "cni-routing-loop", "ok-ipv6", "form-filtered":
				p := open(t, b, played(t, &c))
				p.check("charts", "drawings", "headings", "names", "width")
			}
		}
	})
	t.Run("filter", func(t *testing.T) {
		p := open(t, b, whole())
		all := visible(p)
		if len(all) != 5 {
			t.Fatalf("%d findings at first: %q", len(all), all)
		}
		status := func() string { return eval[string](p, `document.getElementById("shown").textContent`) }
		p.run(chromedp.SendKeys("#filter-text", "10.244.2.8 MTU"))
		if got := visible(p); len(got) != 1 || got[0] != "cni-mtu-blackhole:4f2a" || status() != "1 of 5 findings shown" {
			t.Errorf("text: %q, %s", got, status())
		}
		p.run(chromedp.Click(`#filter-reset`))
		if got := visible(p); len(got) != 5 || status() != "5 findings" {
			t.Errorf("reset: %q, %s", got, status())
		}
		p.run(chromedp.Click(`input[value=info]`), chromedp.Click(`input[value=dns]`))
		if got := visible(p); strings.Join(got, " ") != "cni-mtu-blackhole:4f2a svc-no-endpoints:01bc" {
			t.Errorf("severity and layer: %q", got)
		}
		p.run(chromedp.Click(`#filter-reset`), chromedp.SetValue("#filter-node", "node2"),
			chromedp.Evaluate(`document.getElementById("filter-node").dispatchEvent(new Event("input", {bubbles: true}))`, nil))
		if got := visible(p); len(got) != 1 || got[0] != "cni-mtu-blackhole:4f2a" {
			t.Errorf("node: %q", got)
		}
	})
	t.Run("theme", func(t *testing.T) {
		p := open(t, b, whole())
		paper := func() string { return eval[string](p, `getComputedStyle(document.body).backgroundColor`) }
		light := paper()
		p.run(chromedp.Click("#theme"))
		if got := paper(); got != light {
			t.Errorf("light: %s, was %s", got, light)
		}
		p.run(chromedp.Click("#theme"))
		dark := paper()
		if dark == light {
			t.Errorf("dark: %s still", dark)
		}
		p.check("contrast", "charts")
		p.run(chromedp.Click("#theme"), emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}))
		if got := paper(); got != dark {
			t.Errorf("the system is dark: %s, want %s", got, dark)
		}
		p.check("contrast", "charts")
	})
	t.Run("keyboard", func(t *testing.T) { keyboard(t, b) })
	t.Run("copy", func(t *testing.T) {
		p := open(t, b, whole())
		p.run(chromedp.Evaluate(`navigator.clipboard.writeText = s => { window.copied = s; return Promise.resolve(); }`, nil),
			chromedp.Click(`.finding .filter-head + .command button`), chromedp.WaitVisible(`//button[text()="Copied"]`))
		if got := eval[string](p, `window.copied`); got != "frame.number in {97, 120}" {
			t.Errorf("copied %q", got)
		}
	})
	t.Run("paper", func(t *testing.T) {
		p := open(t, b, whole())
		p.run(chromedp.SendKeys("#filter-text", "no such thing"))
		var pdf []byte
		p.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
			pdf, _, err = page.PrintToPDF().Do(ctx)
			return err
		}))
		if !bytes.HasPrefix(pdf, []byte("%PDF")) {
			t.Errorf("printing makes %.20q", pdf)
		}
		p.run(emulation.SetEmulatedMedia().WithMedia("print"))
		if got := visible(p); len(got) != 5 {
			t.Errorf("on paper are %q", got)
		}
		if n := eval[int](p, `[...document.querySelectorAll("button, form, nav")].filter(e => e.offsetParent).length`); n != 0 {
			t.Errorf("%d controls are on paper", n)
		}
	})
	t.Run("without scripts", func(t *testing.T) {
		p := open(t, b, whole(), emulation.SetScriptExecutionDisabled(true))
		if got := visible(p); len(got) != 5 {
			t.Errorf("there are %q", got)
		}
		if n := eval[int](p, `[...document.querySelectorAll("button, form, canvas")].filter(e => e.offsetParent).length`); n != 0 {
			t.Errorf("%d controls do nothing", n)
		}
		p.check("headings", "names", "contrast", "drawings", "width")
	})
	t.Run("axe", func(t *testing.T) {
		axe, err := os.ReadFile("testdata/axe.min.js")
		if err != nil {
			t.Skip("axe-core is not here; tools/axe fetches it")
		}
		p := open(t, b, whole())
		for range 3 { // the system's theme, light and dark
			p.run(chromedp.Evaluate(string(axe), nil), chromedp.Click("#theme"))
			for _, complaint := range await[[]string](p, `axe.run().then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + v.help + ": " + n.html.slice(0, 160) + n.failureSummary)))`) {
				t.Error(complaint)
			}
		}
	})
	t.Run("strangers' names", func(t *testing.T) { hostile(t, b) })
}

// keyboard walks through the page by Tab, which has to reach everything and come to an end.
func keyboard(t *testing.T, b context.Context) {
	p := open(t, b, whole())
	const usable = `[...document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")].filter(e => e.checkVisibility())`
	want := eval[int](p, usable+`.length`)
	if want < 20 {
		t.Fatalf("only %d things can be used", want)
	}
	reached := 0
	for range want + 5 {
		p.run(chromedp.KeyEvent(kb.Tab))
		state := eval[string](p, `(() => {
			const e = document.activeElement;
			if (!e || e === document.body) return "out";
			if (e.reached) return "again";
			e.reached = true;
			const s = getComputedStyle(e);
			return s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 1 ? "unseen " + e.outerHTML : "reached";
		})()`)
		if state == "out" || state == "again" {
			break
		}
		if state != "reached" {
			t.Error(state)
		}
		reached++
	}
	if reached != want {
		t.Errorf("Tab reaches %d of %d: %q", reached, want, eval[[]string](p, usable+`.filter(e => !e.reached).map(e => e.outerHTML.slice(0, 100))`))
	}
	// The filter by keys alone.
	p.run(chromedp.Focus(`input[value=critical]`), chromedp.KeyEvent(" "))
	if got := visible(p); len(got) != 3 {
		t.Errorf("without critical there are %q", got)
	}
	p.run(chromedp.Focus("#filter-text"), chromedp.KeyEvent("hairpin"))
	if got := visible(p); len(got) != 1 {
		t.Errorf("of hairpin there are %q", got)
	}
	p.run(chromedp.Focus("#filter-reset"), chromedp.KeyEvent(kb.Enter))
	if got := visible(p); len(got) != 5 {
		t.Errorf("after reset there are %q", got)
	}
}

// markup would do harm if it were taken for HTML, in text, in attributes, in scripts and in styles.
const markup = `</title></style></script>--><script>alert(1)</script><img src=x onerror=alert(2)>"'` + "`" + `><svg/onload=alert(3)>{{.}}${alert(4)}</svg></desc>javascript:alert(5)` +
	sample.Hostile

func hostile(t *testing.T, b context.Context) {
	elements := func(p *tab) map[string]int {
		return eval[map[string]int](p, `[...document.querySelectorAll("script, style, img, iframe, object, link, svg, base, meta")].reduce((n, e) => (n[e.tagName] = (n[e.tagName] || 0) + 1, n), {})`)
	}
	plain := elements(open(t, b, whole()))
	poisoned := sample.PoisonWith(*whole(), markup)
	p := open(t, b, &poisoned)
	for tag, n := range elements(p) {
		if n > plain[tag] {
			t.Errorf("%d elements %s, %d without hostile names", n, tag, plain[tag])
		}
	}
	if got, want := eval[string](p, `document.querySelector("#verdict").textContent`), report.Clean(markup); got != want {
		t.Errorf("the verdict says %q, want %q", got, want)
	}
	p.check("charts", "width")

	// The same by way of a capture.
	name := `\060script\062alert(1)\060/script\062\"\039.\027[31m\226\128\174gpj.\255\000x.example.com`
	c := cases.Case{Name: "hostile", Script: func(s *cases.Scene) {
		s.Start(build.Options{})
		s.Client.Resolver(s.DNS.VIP()).Lookup(name)
	}}
	p = open(t, b, played(t, &c))
	want := `<script>alert\(1\)</script>\"'.\027[31m\226\128\174gpj.\255\000x.example.com`
	if got := eval[[]string](p, `[...document.querySelectorAll(".lookup h3 code")].map(e => e.textContent)`); len(got) != 1 || got[0] != want {
		t.Errorf("the name looked up is %q, want %q", got, want)
	}
}
