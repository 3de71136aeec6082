package plugin

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// dumpCommands are what a node itself is asked (docs/snapshot.md), and what the dump's file is called.
var dumpCommands = []struct{ file, command string }{
	{"ip-addr.txt", "ip addr"},
	{"ip-link.txt", "ip -d link"},
	{"ip-route.txt", "ip route show table all"},
	{"ip-neigh.txt", "ip neigh"},
	{"bridge-fdb.txt", "bridge fdb"},
	// iptables is one of two programs, and kube-proxy may have written with the other one.
	{"iptables-save.txt", "{ iptables-save; } | { r=$(cat); case $r in *KUBE-*) ;; *) l=$(iptables-legacy-save) && case $l in *KUBE-*) r=$l ;; esac ;; esac; printf '%s\\n' \"$r\"; }"},
	{"ip6tables-save.txt", "ip6tables-save"},
	{"nft.txt", "nft list ruleset"},
	{"ipvsadm.txt", "ipvsadm -Ln"},
	{"conntrack.txt", "conntrack -L"},
	{"sysctl.txt", "sysctl -a"},
}

// maxDumps bounds what the dumps of a node take together, in bytes: 131,072 entries of conntrack are 25 MB.
const maxDumps = 128 << 20

// dumpBoundary stands before each dump, with its file's name.
const dumpBoundary = "netsift-dump: "

// dumpScript prints all dumps one behind the other. A command that fails says so by its last line.
func dumpScript() string {
	var b strings.Builder
	b.WriteString("export TZ=UTC LC_ALL=C\n")
	for _, d := range dumpCommands {
		fmt.Fprintf(&b, "printf '\\n%s%s\\n'\n{ %s ; } 2>/dev/null\n", dumpBoundary, d.file, d.command)
	}
	fmt.Fprintf(&b, "printf '\\n%s\\n'\n", dumpBoundary)
	return b.String()
}

var boundaryLine = regexp.MustCompile(`(?m)^\n?` + dumpBoundary + `(.*)\n`)

// dump is what a command printed on a node.
type dump struct {
	file string
	text []byte
}

// dumps asks a node for its dumps, through its capture pod. What comes of some when time is over is returned with the error.
func (c *cluster) dumps(ctx context.Context, pod string) ([]dump, error) {
	var out bytes.Buffer
	limited := writerFunc(func(b []byte) (int, error) {
		if out.Len()+len(b) > maxDumps {
			return 0, fmt.Errorf("the dumps take more than %d MB", maxDumps>>20)
		}
		return out.Write(b)
	})
	err := c.execute(ctx, pod, []string{"sh", "-c", dumpScript()}, nil, limited, io.Discard)
	list, whole := splitDumps(out.Bytes())
	if err == nil && !whole {
		err = fmt.Errorf("the stream ended early")
	}
	return list, err
}

// splitDumps takes apart what dumpScript printed. A dump that is not whole, or of which there is nothing, is left out; whole says that none is missing.
func splitDumps(b []byte) (list []dump, whole bool) {
	at := boundaryLine.FindAllSubmatchIndex(b, -1)
	for i, m := range at {
		name := string(b[m[2]:m[3]])
		if i+1 == len(at) {
			return list, name == ""
		}
		text := bytes.TrimLeft(b[m[1]:at[i+1][0]], "\n")
		known := slices.ContainsFunc(dumpCommands, func(d struct{ file, command string }) bool { return d.file == name })
		if known && len(bytes.TrimSpace(text)) > 0 {
			list = append(list, dump{name, text})
		}
	}
	return list, false
}
