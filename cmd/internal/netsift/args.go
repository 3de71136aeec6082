package netsift

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// arrange checks the arguments' form and moves a command's flags before its file names, because the flag parser takes
// everything after the first file name for file names. Arguments after "--" are file names, "-" is standard input.
func arrange(app *cli.App, args []string) ([]string, error) {
	name := args[0]
	if name == "help" {
		name = args[1] // no command, or help would have been given
	}
	if strings.HasPrefix(name, "-") {
		return nil, usagef("%s is no flag of netsift itself: flags come after the command, as in netsift analyze %s FILE", name, name)
	}
	c := findCommand(app, name)
	if c == nil {
		return nil, unknownCommand(app, name)
	}
	rest, err := arrangeCommand(c, args[1:])
	return append([]string{name}, rest...), err
}

func findCommand(app *cli.App, name string) *cli.Command {
	i := slices.IndexFunc(app.Commands, func(c *cli.Command) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return app.Commands[i]
}

func unknownCommand(app *cli.App, name string) error {
	// A user who gives a file name and no command wants the main job.
	if strings.ContainsAny(name, "./") {
		return usagef("%q is no command; did you mean: netsift analyze %s", name, name)
	}
	names := make([]string, len(app.Commands))
	for i, c := range app.Commands {
		names[i] = c.Name
	}
	hint := ""
	// The library suggests in a sentence of its own: Did you mean "analyze"?
	if _, s, ok := strings.Cut(cli.SuggestCommand(app.Commands, name), `"`); ok {
		s, _, _ = strings.Cut(s, `"`)
		hint = "; did you mean " + s + "?"
	}
	return usagef("unknown command %q%s (commands: %s)", name, hint, strings.Join(names, ", "))
}

func arrangeCommand(cmd *cli.Command, args []string) ([]string, error) {
	var flags, files []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			files = append(files, args[i+1:]...)
			break
		}
		if arg == "-" || !strings.HasPrefix(arg, "-") {
			files = append(files, arg)
			continue
		}
		if arg == "-r" && i+1 < len(args) && findFlag(cmd, "r") == nil { // as tcpdump and tshark take a capture
			i++
			files = append(files, args[i])
			continue
		}
		name, hasValue := splitFlag(arg)
		f := findFlag(cmd, name)
		if f == nil {
			return nil, unknownFlag(cmd, arg)
		}
		flags = append(flags, arg)
		if _, isBool := f.(*cli.BoolFlag); isBool || hasValue {
			continue
		}
		if i++; i == len(args) {
			return nil, usagef("%s needs a value; netsift %s --help says which", arg, cmd.Name)
		}
		flags = append(flags, args[i])
	}
	return append(append(flags, "--"), files...), nil
}

// splitFlag returns a flag's name, and whether its value is part of arg (-o=json).
func splitFlag(arg string) (name string, hasValue bool) {
	name, _, hasValue = strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
	return name, hasValue
}

func findFlag(cmd *cli.Command, name string) cli.Flag {
	for _, f := range cmd.Flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

func unknownFlag(cmd *cli.Command, arg string) error {
	name, _ := splitFlag(arg)
	// The library's suggestion is any flag, however unlike.
	hint := ""
	if s := strings.TrimLeft(cli.SuggestFlag(cmd.Flags, name, true), "-"); len(s) > 1 && len(name) > 1 && s[0] == name[0] {
		hint = "did you mean --" + s + "? "
	}
	return usagef("unknown flag %s; %snetsift %s --help lists the flags, and a file name that begins with - goes after --", arg, hint, cmd.Name)
}
