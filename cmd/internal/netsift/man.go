package netsift

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// manual returns the manual page, as man(7) has it. The library's own goes by way of Markdown, which takes asterisks out of the
// text, and leaves descriptions out.
func manual(app *cli.App) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH NETSIFT 1 \"\" \"netsift %s\" \"User Commands\"\n.SH NAME\nnetsift \\- %s\n", app.Version, roff(app.Usage))
	b.WriteString(".SH SYNOPSIS\n.B netsift\n.I COMMAND\n[flags] [\\fIFILE\\fR...]\n")
	b.WriteString(".SH DESCRIPTION\n" + roff(`Give it what tcpdump wrote, of one node or of several at once. FILE may be pcap or pcapng, plain or compressed with gzip or zstd, a directory or tar archive of such, or - for standard input. Flags may stand before or after file names.`) + "\n")
	b.WriteString(".PP\n.EX\ntcpdump \\-i any \\-s 256 \\-w node1.pcap\nnetsift analyze node1.pcap node2.pcap\n.EE\n.SH COMMANDS\n")
	for _, c := range app.Commands {
		fmt.Fprintf(&b, ".SS %s\n%s.\n", roff(strings.TrimSpace("netsift "+c.Name+" "+c.ArgsUsage)), roff(upperFirst(c.Usage)))
		if c.Description != "" {
			fmt.Fprintf(&b, ".PP\n.EX\n%s\n.EE\n", roff(c.Description))
		}
		for _, f := range c.Flags {
			if d, ok := f.(cli.DocGenerationFlag); ok {
				fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(flagHead(f, d)), roff(flagUsage(d)))
			}
		}
	}
	b.WriteString(".SH EXIT STATUS\n")
	for _, x := range exitStatus {
		fmt.Fprintf(&b, ".TP\n.B %d\n%s\n", x.code, roff(x.when))
	}
	b.WriteString(".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nText is not coloured where it is set.\n")
	b.WriteString(".SH FILES\n.TP\n.B netsift.yaml\nThe policy, where it lies in the current directory.\n")
	b.WriteString(".SH SEE ALSO\n.BR tcpdump (8),\n.BR tshark (1),\n.BR kubectl (1)\n.PP\nhttps://github.com/netsift/netsift/tree/main/docs\n")
	return b.String()
}

// exitStatus says when a program ends with which code.
var exitStatus = []struct {
	code int
	when string
}{
	{ExitOK, "It ran, and nothing reached --fail-on."},
	{ExitFinding, "It ran, and a finding is at or above --fail-on; or diff found something new or worse."},
	{ExitUsage, "The command line is wrong: unknown flag, rule or filter."},
	{ExitNoCapture, "No capture could be read, or a saved report is none."},
	{ExitFailed, "The result could not be written."},
	{ExitInterrupted, "It was interrupted."},
}

// roff escapes text: a backslash begins a command everywhere, a dot or an apostrophe at the beginning of a line, and a hyphen that
// is to be copied is a minus sign.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}

// upperFirst begins a sentence.
func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
