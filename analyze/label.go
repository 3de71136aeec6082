package analyze

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
)

// Labels returns a distinct short label per input, from its file's name: what connections' ids begin with.
func Labels(inputs []Input) []string {
	list := make([]string, len(inputs))
	used := map[string]bool{}
	for i, in := range inputs {
		name := in.Name
		if k := strings.LastIndexAny(name, `/\`); k >= 0 {
			name = name[k+1:]
		}
		for trimmed := true; trimmed; {
			trimmed = false
			for _, suffix := range []string{".zst", ".gz", ".facts", ".pcap", ".pcapng", ".cap"} {
				if rest, ok := strings.CutSuffix(name, suffix); ok && rest != "" {
					name, trimmed = rest, true
				}
			}
		}
		if name == "-" || name == "" {
			name = "stdin"
		}
		label := name
		for n := 2; used[label]; n++ {
			label = fmt.Sprintf("%s#%d", name, n)
		}
		used[label] = true
		list[i] = label
	}
	return list
}

// ID returns the id of the connection whose first frame this is, as fact.Connection has it; labels are those of the inputs.
func ID(labels []string, born fact.Ref) string {
	return labels[born.Capture] + ":" + strconv.FormatUint(born.Frame, 10)
}

// watch returns what the joiner has to watch, for ids as fact.Connection has them. An id that names no input keeps its place: no
// frame has the number 0.
func watch(cfg Config, labels []string) join.Watch {
	w := join.Watch{Sighting: cfg.Sighting, All: cfg.WatchAll}
	for _, id := range cfg.Watch[:min(len(cfg.Watch), 1<<16-1)] {
		i := strings.LastIndexByte(id, ':')
		frame, err := strconv.ParseUint(id[i+1:], 10, 64)
		capture := slices.Index(labels, id[:max(i, 0)])
		if err != nil || capture < 0 {
			frame = 0
		}
		w.First = append(w.First, fact.Ref{Capture: capture, Frame: frame})
	}
	return w
}
