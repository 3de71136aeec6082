package netsift

import (
	"context"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/rules"
)

// line is a command line that the library has taken apart. Its methods read the values of flags. They keep the first error in err;
// values that they return after it mean nothing.
type line struct {
	*cli.Context
	env *Env
	err error
	// files are the arguments that are captures, nil where all are.
	files []string
	// rest are the files of bundles that are no captures.
	rest []snapshot.File
	// closers are closed when the verb has come to its end.
	closers []io.Closer
}

// action has the library call a verb with the request that read makes of its command line.
func action[C any](e *Env, read func(*line) C, verb func(context.Context, *Env, C) error) cli.ActionFunc {
	return func(c *cli.Context) error {
		l := &line{Context: c, env: e}
		defer l.close()
		asked := read(l)
		if l.err != nil {
			return l.err
		}
		return verb(c.Context, e, asked)
	}
}

// close closes what the line has opened.
func (l *line) close() {
	for _, c := range l.closers {
		c.Close()
	}
}

// fail keeps an error, unless something was wrong before.
func (l *line) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// failf says what is wrong with the line.
func (l *line) failf(format string, args ...any) { l.fail(usagef(format, args...)) }

// choice returns the value of a flag that has only these.
func (l *line) choice(flag string) string {
	v, words := l.String(flag), findFlag(l.Command, flag).(*choiceFlag).words
	if !slices.Contains(words, v) {
		l.failf("--%s %q: give one of %s", flag, v, strings.Join(words, ", "))
	}
	return v
}

// number returns the value of a flag that is 0 or more; give says what it counts.
func (l *line) number(flag, give string) int {
	n := l.Int(flag)
	if n < 0 {
		l.failf("--%s %d: give %s", flag, n, give)
	}
	return n
}

// size returns the value of a flag that is a number of bytes from least to most; give says which to give.
func (l *line) size(flag string, least, most int64, give string) int64 {
	n, err := size(l.String(flag))
	if err != nil || n < least || n > most {
		l.failf("--%s %q: give %s", flag, l.String(flag), give)
	}
	return n
}

// severity returns the value of a flag that is a severity, 0 where it isn't set.
func (l *line) severity(flag string) rules.Severity {
	if !l.IsSet(flag) {
		return 0
	}
	s := severityNamed(l.String(flag))
	if s == 0 {
		l.failf("--%s %q: give one of info, warning, critical", flag, l.String(flag))
	}
	return s
}

// severityNamed returns the severity with a name, 0 for none.
func severityNamed(name string) rules.Severity {
	for s := rules.Info; s <= rules.Critical; s++ {
		if name == s.String() {
			return s
		}
	}
	return 0
}

// failOn returns what --fail-on lists: a severity, 0 for none, and whether unexplained connections are to fail the run.
func (l *line) failOn() (least rules.Severity, unexplained bool) {
	if !l.IsSet("fail-on") {
		return 0, false
	}
	for name := range strings.SplitSeq(l.String("fail-on"), ",") {
		s := severityNamed(name)
		switch {
		case name == "unexplained":
			unexplained = true
		case s == 0:
			l.failf("--fail-on %q: give one of info, warning, critical, unexplained; or two, as warning,unexplained", l.String("fail-on"))
		case least == 0 || s < least:
			least = s
		}
	}
	return least, unexplained
}

// tunnelPorts returns the UDP ports that the line adds to the usual ones of each kind of tunnel.
func (l *line) tunnelPorts() map[decode.EncapKind][]uint16 {
	added := map[decode.EncapKind][]uint16{}
	for k := range decode.UDPTunnels().All() {
		flag := portFlag(k)
		for _, value := range l.StringSlice(flag) {
			for s := range strings.SplitSeq(value, ",") {
				n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 16)
				if err != nil || n == 0 {
					l.failf("--%s %q: a port is a number from 1 to 65535", flag, value)
				}
				added[k] = append(added[k], uint16(n))
			}
		}
	}
	return added
}

// address returns the value of a flag that is an address with or without a port; the zero value where it isn't set.
func (l *line) address(flag string) netip.AddrPort {
	s := l.String(flag)
	if s == "" {
		return netip.AddrPort{}
	}
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return netip.AddrPortFrom(a.Unmap(), 0)
	}
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		l.failf("--%s %q: write an address as 10.244.1.5, 10.96.0.50:80, fd00::1 or [fd00::1]:80", flag, s)
	}
	return a
}

// prefix returns the value of a flag that is a range of addresses, or one of them; the zero value where it isn't set.
func (l *line) prefix(flag string) netip.Prefix {
	s := l.String(flag)
	if s == "" {
		return netip.Prefix{}
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		return p
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		l.failf("--%s %q: give an address (10.244.1.5) or a range of addresses (10.244.1.0/24)", flag, s)
	}
	return netip.PrefixFrom(a, a.BitLen())
}

// moment returns the value of a flag that is a point in time; nil where it isn't set.
func (l *line) moment(flag string) *moment {
	if !l.IsSet(flag) {
		return nil
	}
	m, err := parseMoment(flag, l.String(flag))
	l.fail(err)
	return &m
}
