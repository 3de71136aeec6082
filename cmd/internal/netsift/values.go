package netsift

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/rules"
)

// valuesOf returns what a flag may be given, for completion; nothing for one that takes a file name or anything at all.
func valuesOf(f cli.Flag) []string {
	s, ok := f.(*cli.StringFlag)
	if !ok {
		return nil
	}
	severities := []string{rules.Info.String(), rules.Warning.String(), rules.Critical.String()}
	switch s.Name {
	case "output":
		_, forms, _ := strings.Cut(s.Usage, ": ") // each command has its own
		return strings.Split(forms, ", ")
	case "fail-on":
		return append(severities, "unexplained")
	case "min-severity":
		return severities
	case "color":
		return []string{"auto", "always", "never"}
	case "by":
		return []string{"service"}
	case "sort":
		return []string{"start", "end"}
	case "borders":
		return []string{"auto", "box", "plain"}
	case "format":
		return []string{"pcapng", "pcap"}
	case "finding", "rules":
		return catalogued()
	}
	return nil
}

// catalogued returns the ids of the rules that netsift has.
func catalogued() (ids []string) {
	for _, r := range rules.Catalogue() {
		ids = append(ids, r.ID)
	}
	return ids
}
