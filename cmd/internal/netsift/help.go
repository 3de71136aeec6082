package netsift

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/cmd/internal/report/text"
)

// helpWidth fits every terminal.
const helpWidth = 80

// asksForHelp returns the answer if the arguments ask for help or for the version.
func asksForHelp(app *cli.App, args []string) (string, bool) {
	isHelp := func(s string) bool { return s == "--help" || s == "-help" || s == "-h" }
	if len(args) == 0 || isHelp(args[0]) || args[0] == "help" && len(args) == 1 {
		return appHelp(app), true
	}
	switch args[0] {
	case "--version", "-version", "-v":
		return "netsift version " + app.Version + "\n", true
	case "help":
		args = []string{args[1], "--help"}
	}
	c := findCommand(app, args[0])
	if c == nil {
		return "", false
	}
	for _, a := range args[1:] {
		if a == "--" {
			break
		}
		if isHelp(a) {
			return help(c), true
		}
	}
	return "", false
}

// appHelp returns the program's help.
func appHelp(app *cli.App) string {
	var b strings.Builder
	fmt.Fprintf(&b, `netsift %s

Give it what tcpdump wrote, of one node or of several at once:

  tcpdump -i any -s 256 -w node1.pcap      (on each node, while it fails)
  netsift analyze node1.pcap node2.pcap

FILE may be pcap or pcapng, plain or compressed with gzip or zstd, a directory
or tar archive of such, or - for standard input.

Commands:
`, app.Usage)
	for _, c := range app.Commands {
		for i, l := range text.Wrap(c.Usage, helpWidth-14) {
			name := c.Name
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(&b, "  %-12s%s\n", name, l)
		}
	}
	b.WriteString(`
netsift COMMAND --help lists a command's flags. New here? netsift demo
`)
	return b.String()
}

// help returns a command's help. The library's own puts a flag and its meaning on one line of any length.
func help(c *cli.Command) string {
	var b strings.Builder
	for _, l := range text.Wrap("netsift "+c.Name+" "+c.Usage, helpWidth) {
		b.WriteString(l + "\n")
	}
	usage := "netsift " + c.Name
	if len(c.Flags) > 0 {
		usage += " [flags]"
	}
	b.WriteString("\nUsage: " + strings.TrimSpace(usage+" "+c.ArgsUsage) + "\n")
	if c.Description != "" {
		fmt.Fprintf(&b, "\n%s\n", c.Description)
	}
	category := ""
	for _, f := range c.Flags {
		d, ok := f.(cli.DocGenerationFlag)
		if !ok {
			continue
		}
		if k, ok := f.(cli.CategorizableFlag); ok && k.GetCategory() != category {
			category = k.GetCategory()
			fmt.Fprintf(&b, "\n%s:\n", category)
		}
		b.WriteString("  " + flagHead(f, d) + "\n")
		for _, l := range text.Wrap(flagUsage(d), helpWidth-8) {
			b.WriteString("        " + l + "\n")
		}
	}
	return b.String()
}

// flagUsage says what a flag does, and what it does by default.
func flagUsage(d cli.DocGenerationFlag) string {
	usage := strings.ReplaceAll(d.GetUsage(), "`", "")
	if s := d.GetDefaultText(); d.TakesValue() && s != "" && s != `""` && s != "0" {
		usage += " (default " + strings.Trim(s, `"`) + ")"
	}
	return usage
}

// flagHead returns "-o, --output FORM": the value's name is what stands between backquotes in the usage.
func flagHead(f cli.Flag, d cli.DocGenerationFlag) string {
	var short, long string
	for _, n := range f.Names() {
		if len(n) == 1 {
			short = "-" + n + ", "
		} else {
			long = "--" + n
		}
	}
	if !d.TakesValue() {
		return short + long
	}
	value := "VALUE"
	if _, rest, ok := strings.Cut(d.GetUsage(), "`"); ok {
		value, _, _ = strings.Cut(rest, "`")
	}
	return short + long + " " + value
}
