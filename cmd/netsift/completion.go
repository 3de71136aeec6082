package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/rules"
)

// scripts ask the program itself what may come next, and fall back to file names.
var scripts = map[string]string{
	"bash": `_netsift() {
  local words
  COMPREPLY=()
  words=$("${COMP_WORDS[@]:0:$COMP_CWORD}" ${COMP_WORDS[$COMP_CWORD]:+"${COMP_WORDS[$COMP_CWORD]}"} --generate-bash-completion 2>/dev/null)
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[$COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _netsift netsift
`,
	"zsh": `#compdef netsift
_netsift() {
  local -a words
  words=("${(@f)$("${words[@]:0:$CURRENT-1}" --generate-bash-completion 2>/dev/null)}")
  _describe 'netsift' words
  _files
}
compdef _netsift netsift
`,
}

func completionCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "prints a shell's completion script",
		ArgsUsage: "bash|zsh|fish",
		Description: `For this shell and the next ones:

   source <(netsift completion bash)          (and the same line in ~/.bashrc)
   netsift completion fish > ~/.config/fish/completions/netsift.fish`,
		Action: func(c *cli.Context) error {
			shell := c.Args().First()
			script, ok := scripts[shell]
			if shell == "fish" {
				var err error
				if script, err = c.App.ToFishCompletion(); err != nil {
					return err
				}
				ok = true
			}
			if !ok || c.NArg() != 1 {
				return usagef("give the shell: netsift completion bash, zsh or fish")
			}
			_, err := io.WriteString(e.Stdout, script)
			return err
		},
	}
}

// completeRules lists the rules.
func completeRules(c *cli.Context) {
	for _, r := range rules.Catalogue() {
		fmt.Fprintln(c.App.Writer, r.ID)
	}
}
