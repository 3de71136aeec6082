package netsift

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/fstest"
)

// random is a source of random numbers that tells whether it was asked.
type random struct{ asked bool }

// Read implements io.Reader.
func (r *random) Read([]byte) (int, error) {
	r.asked = true
	return 0, errors.New("no random numbers")
}

// TestReadInOrder: of a line that is wrong no file is opened, and no secret is made where a file is wrong.
func TestReadInOrder(t *testing.T) {
	files := fstest.MapFS{"a.pcap": {Data: pcap(linkRaw, echo(1))}, policyFile: {Data: []byte("select: all\n")}, "links": {Data: []byte("nonsense")}}
	for _, verb := range []string{"analyze", "live", "flows", "trace", "dns", "stats", "extract --finding 1 -w out.pcapng"} {
		look := " a.pcap" // whether it is a bundle
		if verb == "live" {
			look = ""
		}
		for _, c := range []struct{ flags, said, opened string }{
			{"--jobs -1", "--jobs -1", ""},
			{"--max-memory 1", "--max-memory", ""},
			{"--vxlan-port x", "--vxlan-port", ""},
			{"--node a", "--node", policyFile},
			{"--config no", "--config no: no such file", ""},
			{"--rules no", "--rules: ", policyFile},
			{"--links n=links", "--links links", policyFile + look + " links"},
			{"--redact-key no", "--redact-key no: no such file", policyFile + look},
			{"", "no random numbers", policyFile + look},
		} {
			e, _, stderr := testEnv(files, 0)
			secret := new(random)
			e.Random = secret
			var opened []string
			e.Open = func(name string) (io.ReadCloser, error) {
				opened = append(opened, name)
				return files.Open(name)
			}
			code := Run(context.Background(), e, append(strings.Fields(verb+" --redact "+c.flags), "a.pcap"))
			if strings.Contains(stderr.String(), "unknown flag") || verb == "live" && strings.HasPrefix(c.flags, "--node") {
				continue // it is no flag of this verb
			}
			want := c.opened
			if f, _, _ := strings.Cut(verb, " "); f == "dns" || f == "stats" {
				want = strings.TrimSpace(strings.TrimPrefix(want, policyFile)) // a policy says nothing of what they show
			}
			if code == ExitOK || !strings.Contains(stderr.String(), c.said) {
				t.Errorf("%s %s: exit code %d, %s", verb, c.flags, code, stderr)
			}
			if got := strings.Join(opened, " "); got != want {
				t.Errorf("%s %s: opened %q, want %q", verb, c.flags, got, want)
			}
			if secret.asked != (c.flags == "") {
				t.Errorf("%s %s: a secret was made: %t", verb, c.flags, secret.asked)
			}
		}
	}
}
