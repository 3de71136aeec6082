package plugin

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitDumps(t *testing.T) {
	b := "\nnetsift-dump: ip-addr.txt\n1: lo: <LOOPBACK>\n    inet 127.0.0.1/8\n" +
		"\nnetsift-dump: ip-link.txt\n" +
		"\nnetsift-dump: ../../etc/passwd\nroot\n" +
		"\nnetsift-dump: ip-neigh.txt\n10.0.0.1 dev eth0\n" // no boundary follows: it may be cut
	show := func(list []dump) (s []string) {
		for _, d := range list {
			s = append(s, d.file+"|"+string(d.text))
		}
		return s
	}
	want := []string{"ip-addr.txt|1: lo: <LOOPBACK>\n    inet 127.0.0.1/8\n"}
	list, whole := splitDumps([]byte(b))
	if d := cmp.Diff(want, show(list)); d != "" || whole {
		t.Errorf("whole %v\n%s", whole, d)
	}
	list, whole = splitDumps([]byte(b + "\nnetsift-dump: \n"))
	if d := cmp.Diff(append(want, "ip-neigh.txt|10.0.0.1 dev eth0\n"), show(list)); d != "" || !whole {
		t.Errorf("whole %v\n%s", whole, d)
	}
}

// TestScripts has a shell read the scripts that run on nodes, without running them.
func TestScripts(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	for name, script := range map[string]string{"dumps": dumpScript(), "session": sessionScript, "pod": podScript} {
		c := exec.Command(sh, "-n")
		c.Stdin = strings.NewReader(script)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v, %s", name, err, out)
		}
	}
}
