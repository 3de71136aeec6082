package netsift

import (
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze"
)

// streams returns the streams that the line names, standard input where it names none. NODE=FILE is one that is called NODE, unless a file has
// the whole name.
func (l *line) streams() []analyze.Input {
	args := l.Args().Slice()
	if len(args) == 0 {
		args = []string{"-"}
	}
	list := make([]analyze.Input, len(args))
	var files []string
	for i, arg := range args {
		node, file := "", arg
		if name, rest, ok := strings.Cut(arg, "="); ok {
			if _, err := l.env.Stat(arg); err != nil {
				if node, file = name, rest; node == "" || file == "" {
					l.failf("%q: write it as NODE=FILE", arg)
				}
			}
		}
		// Of two streams it does not show in time that one is a copy of the other.
		if slices.ContainsFunc(files, func(other string) bool { return other == file || l.sameStream(other, file) }) {
			l.failf("%s is given twice", file)
		}
		files = append(files, file)
		if file != "-" && overwrites(l.env, l.String("write"), file) {
			l.failf("--write %s would overwrite the capture; choose another name", l.String("write"))
		}
		list[i] = input(l.env, file)
		list[i].Stream = true
		if node != "" {
			list[i].Name, list[i].Node = node, node
		}
	}
	return list
}

// sameStream reports whether two names are one file or pipe.
func (l *line) sameStream(a, b string) bool {
	x, err := l.env.Stat(a)
	if err != nil {
		return false
	}
	y, err := l.env.Stat(b)
	return err == nil && l.env.SameFile(x, y)
}

// names returns what the user called the inputs.
func names(in []analyze.Input) []string {
	list := make([]string, len(in))
	for i := range in {
		list[i] = in[i].Name
	}
	return list
}
