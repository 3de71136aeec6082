package html_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/netsift/netsift/cmd/internal/report"
)

//go:embed testdata/checks.js
var checks string

// browser starts a headless Chromium, and skips the test where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless_shell"} {
		if p, err := exec.LookPath(name); err == nil {
			program = p
			break
		}
	}
	if program == "" {
		t.Skip("there is no Chromium on this machine to open the report with")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.WindowSize(1280, 900),
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute) // a browser that hangs
	t.Cleanup(cancel)
	// Wait until the browser is gone. Its profile is the library's: processes that outlive it may still write there, and a folder of
	// the test's that can't be removed would fail the test.
	t.Cleanup(func() { chromedp.Cancel(ctx) })
	if err := chromedp.Run(ctx); err != nil {
		t.Skipf("%s does not start: %v", program, err)
	}
	return ctx
}

// tab is a page in the browser, and what it did that it should not.
type tab struct {
	context.Context
	t    *testing.T
	file string
	mu   sync.Mutex
	bad  []string
}

// open shows a report in a new tab, after these actions.
func open(t *testing.T, browser context.Context, r *report.Report, first ...chromedp.Action) *tab {
	t.Helper()
	name := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(name, render(t, r), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	p := &tab{Context: ctx, t: t, file: (&url.URL{Scheme: "file", Path: name}).String()}
	chromedp.ListenTarget(ctx, p.see)
	p.run(append(append(first, network.Enable(), log.Enable(), runtime.Enable(), page.Enable()), chromedp.Navigate(p.file))...)
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, s := range p.bad {
			t.Error(s)
		}
	})
	return p
}

// see notes what a quiet page does not do: dialogs, requests, messages on the console, violations of its policy.
func (p *tab) see(event any) {
	complain := func(format string, args ...any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.bad = append(p.bad, fmt.Sprintf(format, args...))
	}
	switch e := event.(type) {
	case *page.EventJavascriptDialogOpening:
		complain("a dialog opens: %s", e.Message)
		go chromedp.Run(p, page.HandleJavaScriptDialog(false))
	case *runtime.EventConsoleAPICalled:
		complain("the console says: %s %s", e.Type, e.Args[0].Value)
	case *runtime.EventExceptionThrown:
		complain("an exception: %v", e.ExceptionDetails)
	case *log.EventEntryAdded:
		complain("the log says: %s: %s", e.Entry.Source, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if e.Request.URL != p.file && !strings.HasPrefix(e.Request.URL, p.file+"#") {
			complain("a request for %s", e.Request.URL)
		}
	}
}

func (p *tab) run(actions ...chromedp.Action) {
	p.t.Helper()
	if err := chromedp.Run(p, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// eval returns the value of an expression.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	var text string
	p.run(chromedp.Evaluate("JSON.stringify("+strings.TrimSpace(expression)+")", &text))
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// await returns the value of a promise.
func await[T any](p *tab, expression string) T {
	p.t.Helper()
	var v T
	p.run(chromedp.Evaluate(expression, &v, func(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }))
	return v
}

// check asks for complaints.
func (p *tab) check(names ...string) {
	p.t.Helper()
	for _, name := range names {
		for _, complaint := range eval[[]string](p, strings.TrimSpace(checks[strings.Index(checks, "({"):])+"."+name+"()") {
			p.t.Errorf("%s: %s", name, complaint)
		}
	}
}
