package netsift

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/rules"
)

// completionFlag, as the last argument, asks what could come next; the shells' scripts give it. The library has the same
// flag, but looks at the process's own arguments.
const completionFlag = "--generate-completion"

// scripts ask the program itself what may come next, and fall back to file names.
var scripts = map[string]string{
	"bash": `_netsift() {
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$("${COMP_WORDS[@]:0:COMP_CWORD+1}" ` + completionFlag + ` 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _netsift netsift
`,
	"zsh": `#compdef netsift
_netsift() {
  local -a candidates
  candidates=("${(@f)$("${(@)words[1,CURRENT]}" ` + completionFlag + ` 2>/dev/null)}")
  compadd -a -- candidates
  _files
}
compdef _netsift netsift
`,
	"fish": `complete -c netsift -a '(set -l w (commandline -opc) (commandline -ct); $w ` + completionFlag + ` 2>/dev/null)'
`,
}

// complete lists what the last of args, which may be empty or incomplete, could become; nothing where a file name is expected, or a value
// that may be anything.
func complete(w io.Writer, app *cli.App, args []string) error {
	word := ""
	if n := len(args); n > 0 {
		word, args = args[n-1], args[:n-1]
	}
	var list []string
	switch {
	case len(args) == 0:
		for _, c := range app.Commands {
			list = append(list, c.Name)
		}
		list = append(list, "help", "--help", "--version")
	default:
		c := findCommand(app, args[0])
		if c == nil {
			break
		}
		switch f := takesValue(c, args[len(args)-1]); {
		case f != nil:
			list = valuesOf(f)
		case strings.HasPrefix(word, "-"):
			for _, f := range c.Flags {
				list = append(list, "--"+f.Names()[0])
			}
			list = append(list, "--help")
		case args[0] == "rules":
			list = catalogued()
		case args[0] == "completion":
			list = []string{"bash", "fish", "zsh"}
		}
	}
	for _, s := range list {
		if strings.HasPrefix(s, word) {
			if _, err := fmt.Fprintln(w, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// takesValue returns the flag of a command that a word is, if it takes the next word for its value; nil for all else.
func takesValue(c *cli.Command, word string) cli.Flag {
	if !strings.HasPrefix(word, "-") || strings.Contains(word, "=") {
		return nil
	}
	f := findFlag(c, strings.TrimLeft(word, "-"))
	if d, ok := f.(cli.DocGenerationFlag); !ok || !d.TakesValue() {
		return nil
	}
	return f
}

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
