package plugin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	k8sexec "k8s.io/client-go/util/exec"
)

// onThisMachine runs what would run in a capture pod here, with a tcpdump that does as the script of that name says.
func onThisMachine(t *testing.T, tcpdump string) execute {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "tcpdump"), []byte("#!"+sh+"\n"+tcpdump), 0o700); err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, _ string, command []string, in io.Reader, out, said io.Writer) error {
		c := exec.CommandContext(ctx, sh, command[1:]...)
		c.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH")}
		c.Stdout, c.Stderr = out, said
		stdin, err := c.StdinPipe()
		if err != nil {
			return err
		}
		go func() { io.Copy(stdin, in); stdin.Close() }()
		err = c.Run()
		var status *exec.ExitError
		if errors.As(err, &status) {
			return k8sexec.CodeExitError{Err: err, Code: status.ExitCode()}
		}
		return err
	}
}

// TestSessionScript: the end of the script's input ends tcpdump in order, and the end of tcpdump ends the script.
func TestSessionScript(t *testing.T) {
	header := `printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000\000\001\000\000\024\001\000\000'
`
	for _, x := range []struct {
		name, tcpdump string
		begins        bool
		words         lastWords
		status        int
	}{
		{
			"in order", `trap 'echo "5 packets captured" >&2; echo "6 packets received by filter" >&2; echo "1 packet dropped by kernel" >&2; exit 0' TERM
` + header + `echo "tcpdump: listening on any" >&2
while :; do sleep 0.05; done`, true, lastWords{complete: true, received: 6, dropped: 1}, 0,
		},
		{"by itself", "echo 'tcpdump: syntax error' >&2; exit 1", false, lastWords{complaint: "tcpdump: syntax error"}, 1},
		{"killed", header + "kill -KILL $$", true, lastWords{}, 137},
		{"the arguments", `echo "$@" >&2; exit 1`, false, lastWords{complaint: "-Z root -i any -s 96 -B 512 -U -w - not (tcp port 10250) and *"}, 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			end := make(chan struct{})
			var file bytes.Buffer
			begun := false
			s := newSession(&sink{bundle: &file, spent: newBudget(1<<20, func() {})}, func(list []socket) string { return "not (tcp port 10250) and *" }, func() {
				if begun = true; x.status == 0 {
					close(end)
				}
			})
			words, err := s.run(ctx, onThisMachine(t, x.tcpdump), "pod", 96, 512, end)
			var status k8sexec.CodeExitError
			if errors.As(err, &status); status.Code != x.status || begun != x.begins || ctx.Err() != nil {
				t.Errorf("begun %v, %v", begun, err)
			}
			if x.name == "killed" {
				words.complaint = "" // shells say it in their own words
			}
			if words != x.words {
				t.Errorf("%+v, want %+v", words, x.words)
			}
			if begun && !strings.HasPrefix(file.String(), "\n\r\r\n") {
				t.Errorf("%q", file.String())
			}
		})
	}
	t.Cleanup(func() { // when all of them have ended
		if left, _ := filepath.Glob(held + "*"); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}
