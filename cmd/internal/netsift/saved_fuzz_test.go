package netsift

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
)

// FuzzSaved: whatever a saved report holds, it is shown in every form and compared, or refused in a line; a terminal gets nothing but text.
func FuzzSaved(f *testing.F) {
	for _, args := range []string{"demo -o json", "demo --redact -o json"} {
		e, stdout, _ := redactEnv(nil)
		Run(context.Background(), e, strings.Fields(args))
		f.Add(stdout.Bytes())
	}
	f.Add([]byte(`{"schema":"netsift.report/v1","captures":[{"file":"\u001b[2J","frames":-1}],"findings":[{"rule":"<evil>","severity":"critical","evidence":[{"file":"x","frame":0}],"count":-1}]}`))
	f.Add([]byte(`{"schema":"netsift.report/v1","unexplained":[{}],"suppressed":[{}],"summary":null,"verdict":{"layers":{}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 {
			return
		}
		for _, args := range []string{
			"report r.json", "report r.json -v", "report r.json -o json", "report r.json -o markdown", "report r.json -o html", "report r.json -o sarif",
			"report r.json -o junit", "diff r.json r.json", "diff r.json r.json -o json",
		} {
			e, stdout, stderr := testEnv(fstest.MapFS{"r.json": {Data: data}}, 0)
			code := Run(context.Background(), e, strings.Fields(args))
			if code != ExitOK && code != ExitNoCapture || code == ExitNoCapture && (stdout.Len() > 0 || strings.Count(stderr.String(), "\n") != 1) {
				t.Fatalf("%s: exit code %d, %q", args, code, stderr)
			}
			for line := range strings.Lines(stdout.String() + stderr.String()) {
				if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return !unicode.IsPrint(r) && r != '\t' }) {
					t.Fatalf("%s: %q", args, line)
				}
			}
		}
	})
}
