package netsift

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"
)

func TestGroupMemory(t *testing.T) {
	for _, c := range []struct {
		list  string
		files map[string]string
		want  int64
	}{
		{"", nil, math.MaxInt64},
		{"0::/\n", map[string]string{"memory.max": "max\n"}, math.MaxInt64},
		{"0::/\n", map[string]string{"memory.max": "268435456\n"}, 256 << 20},
		{"0::/kubepods/pod1/c1\n", map[string]string{"kubepods/pod1/c1/memory.max": "max", "kubepods/pod1/memory.max": "1000", "kubepods/memory.max": "2000"}, 1000},
		{"9:cpu:/a\n4:memory:/a/b\n", map[string]string{"memory/a/b/memory.limit_in_bytes": "5000\n", "memory/memory.limit_in_bytes": "9223372036854771712\n"}, 5000},
		{"4:memory:/host/path\n", map[string]string{"memory/memory.limit_in_bytes": "700"}, 700}, // of a container that has no groups of its own
		{"0::/../../other\n", map[string]string{"other/memory.max": "12"}, 12},
		{"nonsense\n:::\n0::/a\n", map[string]string{"a/memory.max": "-1"}, math.MaxInt64},
	} {
		if got := groupMemory(c.list, func(name string) string { return c.files[name] }); got != c.want {
			t.Errorf("%q, %v: %d", c.list, c.files, got)
		}
	}
}

// TestLimits: where the system lets netsift have too little it says so in a line, and ends with 4.
func TestLimits(t *testing.T) {
	many := make([]string, 60)
	files := fstest.MapFS{}
	for i := range many {
		many[i] = fmt.Sprintf("c%d.pcap", i)
		files[many[i]] = &fstest.MapFile{Data: pcap(linkRaw, echo(byte(i)))}
	}
	for _, c := range []struct {
		limits limits
		args   []string
		want   string
	}{
		{limits{900 << 20, 1024, math.MaxInt64}, many[:1], "ulimit -v allows 900 MB"},
		{limits{math.MaxInt64, 6, math.MaxInt64}, many[:1], "ulimit -n allows 6 open files"},
		{limits{math.MaxInt64, 64, math.MaxInt64}, many, "60 captures are more than may be open at once; allow it: ulimit -n 70"},
		{limits{math.MaxInt64, 1024, 100 << 20}, many[:1], "the control group allows 100 MB of memory"},
		{limits{math.MaxInt64, 1024, 300 << 20}, append([]string{"--max-memory", "1GB"}, many[0]), "--max-memory 1GB: the control group allows 300 MB, of which analysis may take 236 MB"},
	} {
		e, stdout, stderr := testEnv(files, 0)
		e.Limits = c.limits
		code := Run(context.Background(), e, append([]string{"analyze"}, c.args...))
		if code != ExitFailed || stdout.Len() > 0 || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%v: exit code %d, %q", c.limits, code, stderr)
		}
	}
}

// TestMemoryFollows: without --max-memory, analysis takes what the control group leaves.
func TestMemoryFollows(t *testing.T) {
	for memory, want := range map[int64]string{math.MaxInt64: `"max_memory":536870912`, 300 << 20: `"max_memory":247463936`} {
		e, stdout, stderr := testEnv(fstest.MapFS{"a.pcap": {Data: pcap(linkRaw, echo(1))}}, 0)
		e.Limits.memory = memory
		if code := Run(context.Background(), e, []string{"live", "-o", "json", "a.pcap"}); code != ExitOK || !strings.Contains(stdout.String(), want) {
			t.Errorf("%d: exit code %d, %.300s %s", memory, code, stdout, stderr)
		}
	}
}
