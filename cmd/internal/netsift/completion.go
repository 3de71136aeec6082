package netsift

import (
	"fmt"
	"io"
	"slices"
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
  local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=($(compgen -W "$("${COMP_WORDS[@]:0:COMP_CWORD+1}" ` + completionFlag + ` 2>/dev/null)" -- "${word#=}"))
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
	for _, s := range candidates(app, args, word) {
		if strings.HasPrefix(s, word) || word == "=" {
			if _, err := fmt.Fprintln(w, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// candidates returns what could come in the place of a word behind others.
func candidates(app *cli.App, args []string, word string) (list []string) {
	if len(args) == 0 {
		for _, c := range app.Commands {
			list = append(list, c.Name)
		}
		return append(list, "help", "--help", "--version")
	}
	c := findCommand(app, args[0])
	if c == nil {
		return nil
	}
	before := args[len(args)-1]
	flag, value, assigned := strings.Cut(word, "=")
	switch {
	case word == "=": // bash takes --flag=value apart
		return valuesOf(takesValue(c, before), "")
	case before == "=" && len(args) > 1:
		return valuesOf(takesValue(c, args[len(args)-2]), word)
	case takesValue(c, before) != nil:
		return valuesOf(takesValue(c, before), word)
	case assigned && takesValue(c, flag) != nil:
		for _, v := range valuesOf(takesValue(c, flag), value) {
			list = append(list, flag+"="+v)
		}
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
	return list
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

// valuesOf returns what a flag may be given in the place of a word, which may be a list that has begun: then what it does not have yet. Nothing
// for a flag that takes a file name or anything at all.
func valuesOf(f cli.Flag, word string) (list []string) {
	c, ok := f.(*choiceFlag)
	if !ok {
		return nil
	}
	begun := ""
	if i := strings.LastIndexByte(word, ','); c.list && i >= 0 {
		begun = word[:i+1]
	}
	if c.Name == "rules" && strings.HasPrefix(word[len(begun):], "-") {
		begun += "-"
	}
	given := strings.Split(begun, ",")
	for _, s := range c.words {
		if !slices.Contains(given, s) {
			list = append(list, begun+s)
		}
	}
	return list
}

// catalogued returns the ids of the rules that netsift has.
func catalogued() (ids []string) {
	for _, r := range rules.Catalogue() {
		ids = append(ids, r.ID)
	}
	return ids
}
