package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/cmd/internal/report/text"
)

// output is where a command's result goes: standard output, or the file of --write, which is made when the first byte
// of a result comes, so that a failed run does not replace an older result by nothing.
type output struct {
	env  *Env
	path string
	file io.WriteCloser
	buf  *bufio.Writer
}

func newOutput(e *Env, c *cli.Context) *output {
	o := &output{env: e, path: c.String("write")}
	o.buf = bufio.NewWriterSize(destination{o}, 64<<10)
	return o
}

// Write implements io.Writer.
func (o *output) Write(b []byte) (int, error) { return o.buf.Write(b) }

// Flush writes what is buffered.
func (o *output) Flush() error { return o.buf.Flush() }

// Close writes what is buffered, unless the command failed before it had a result. err is what the command returns; it
// goes first.
func (o *output) Close(err error) error {
	var failed error
	if hasResult(err) {
		failed = o.buf.Flush()
		if failed == nil && o.path != "" && o.file == nil {
			failed = o.create() // an empty result is a result
		}
	}
	if o.file != nil {
		failed = errors.Join(failed, o.file.Close())
	}
	if failed != nil && hasResult(err) {
		return fmt.Errorf("can't write the result: %w", failed)
	}
	return err
}

func (o *output) create() (err error) {
	o.file, err = o.env.Create(o.path)
	return err
}

// destination is what an output buffers for.
type destination struct{ o *output }

func (d destination) Write(b []byte) (int, error) {
	o := d.o
	if o.path == "" {
		return o.env.Stdout.Write(b)
	}
	if o.file == nil {
		if err := o.create(); err != nil {
			return 0, err
		}
	}
	return o.file.Write(b)
}

// textOptions returns how text looks where it goes.
func textOptions(e *Env, c *cli.Context) (text.Options, error) {
	mode, err := choice(c, "color", "auto", "always", "never")
	if err != nil {
		return text.Options{}, err
	}
	terminal := e.StdoutTTY && c.String("write") == ""
	// https://no-color.org: set and not empty.
	auto := terminal && e.Getenv("NO_COLOR") == "" && e.Getenv("TERM") != "dumb"
	o := text.Options{Color: mode == "always" || mode == "auto" && auto, Width: c.Int("width"), Redacted: redacts(c)}
	if o.Width < 0 {
		return o, usagef("--width %d: give the number of columns", o.Width)
	}
	if o.Width == 0 && terminal {
		o.Width = e.Width
	}
	return o, nil
}
