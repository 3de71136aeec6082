package markdown

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// draw has Mermaid draw the diagrams of a page, as strictly as forges do, and returns for each the texts in it, or what Mermaid
// complains about.
const draw = `(async () => {
	mermaid.initialize({startOnLoad: false, securityLevel: "strict"});
	const said = [];
	for (const [i, source] of sources.entries()) {
		try {
			const {svg} = await mermaid.render("d" + i, source);
			const page = new DOMParser().parseFromString(svg, "text/html");
			said.push({texts: [...page.querySelectorAll("text")].map(t => t.textContent),
				foreign: [...page.querySelectorAll("script, img, a, iframe")].map(e => e.outerHTML)});
		} catch (e) {
			said.push({error: String(e)});
		}
	}
	return JSON.stringify(said);
})()`

// TestMermaidDraws holds that the real Mermaid draws the diagrams with any names of strangers in them, and shows these names
// unchanged.
func TestMermaidDraws(t *testing.T) {
	const library = "testdata/mermaid.min.js"
	if _, err := os.Stat(library); err != nil {
		t.Skip("Mermaid is not here to draw with; tools/mermaid fetches it")
	}
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("there is no Chromium on this machine to draw in")
	}
	var sources []string
	for _, text := range []string{markdown(t, pasted()), markdown(t, strangers())} {
		for _, after := range strings.Split(text, "\n```mermaid\n")[1:] {
			source, _, _ := strings.Cut(after, "\n```\n")
			sources = append(sources, source)
		}
	}
	list, err := json.Marshal(sources)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script, err := os.ReadFile(library)
	if err != nil {
		t.Fatal(err)
	}
	page := bytes.Join([][]byte{[]byte("<!doctype html><meta charset=utf-8><script src=mermaid.js></script><script>const sources = "), list, []byte("</script>")}, nil)
	for name, data := range map[string][]byte{"mermaid.js": script, "page.html": page} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute) // a browser that hangs
	defer cancel()
	if err := chromedp.Run(ctx); err != nil {
		t.Skipf("%s does not start: %v", program, err)
	}
	defer chromedp.Cancel(ctx) // waits until the browser is gone
	var text string
	err = chromedp.Run(ctx, chromedp.Navigate("file://"+filepath.Join(dir, "page.html")),
		chromedp.Evaluate(draw, &text, func(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }))
	if err != nil {
		t.Fatal(err)
	}
	var said []struct {
		Texts, Foreign []string
		Error          string
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		t.Fatal(err)
	}
	shown := false
	for i, s := range said {
		if s.Error != "" || len(s.Foreign) > 0 || len(s.Texts) == 0 {
			t.Errorf("%s\n%s %s", sources[i], s.Error, s.Foreign)
		}
		shown = shown || strings.Contains(strings.Join(s.Texts, " "), "<img src=x onerror=alert(1)>")
	}
	if len(said) != len(sources) || len(said) < 3 || !shown {
		t.Errorf("%d of %d diagrams drawn; hostile names shown: %v", len(said), len(sources), shown)
	}
}
