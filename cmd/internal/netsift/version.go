package netsift

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// Version is the program's version. The release build sets it: -ldflags "-X github.com/netsift/netsift/cmd/internal/netsift.Version=1.2.3".
var Version = "0.1.0"

// BuildText says what a program, by its name, was built from, for the report of a fault: version, commit where it is known, version of Go, system.
func BuildText(program string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok { // not built from modules
		info = &debug.BuildInfo{}
	}
	return buildText(program, info)
}

func buildText(program string, info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", program, Version)
	if commit := settings["vcs.revision"]; commit != "" {
		fmt.Fprintf(&b, "commit %s of %s", commit, settings["vcs.time"])
		if settings["vcs.modified"] == "true" {
			b.WriteString(", with changes")
		}
		b.WriteString("\n")
	} else if info.Main.Sum != "" { // go install of a version: the module's archive has no commit
		fmt.Fprintf(&b, "module %s %s\n", info.Main.Version, info.Main.Sum)
	}
	fmt.Fprintf(&b, "%s %s/%s\n", info.GoVersion, settings["GOOS"], settings["GOARCH"])
	return b.String()
}
