package netsift

import (
	"runtime/debug"
	"testing"
)

func TestBuildText(t *testing.T) {
	system := []debug.BuildSetting{{Key: "GOARCH", Value: "arm64"}, {Key: "GOOS", Value: "linux"}}
	vcs := func(modified string) []debug.BuildSetting {
		return append([]debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}, {Key: "vcs.time", Value: "2026-11-28T03:46:13Z"}, {Key: "vcs.modified", Value: modified},
		}, system...)
	}
	for _, c := range []struct {
		name string
		info debug.BuildInfo
		want string
	}{
		{
			"checkout",
			debug.BuildInfo{GoVersion: "go1.26.8", Settings: vcs("false")},
			"netsift 0.1.0\ncommit 0123456789abcdef0123456789abcdef01234567 of 2026-11-28T03:46:13Z\ngo1.26.8 linux/arm64\n",
		},
		{
			"changed checkout",
			debug.BuildInfo{GoVersion: "go1.26.8", Settings: vcs("true")},
			"netsift 0.1.0\ncommit 0123456789abcdef0123456789abcdef01234567 of 2026-11-28T03:46:13Z, with changes\ngo1.26.8 linux/arm64\n",
		},
		{
			"go install",
			debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v0.1.0", Sum: "h1:abc="}, Settings: system},
			"netsift 0.1.0\nmodule v0.1.0 h1:abc=\ngo1.26.8 linux/arm64\n",
		},
		{
			"no version control",
			debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "(devel)"}, Settings: system},
			"netsift 0.1.0\ngo1.26.8 linux/arm64\n",
		},
	} {
		if got := buildText("netsift", &c.info); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
