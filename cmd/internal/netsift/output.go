package netsift

import (
	"bufio"
	"fmt"
)

// output is where a command's result goes: standard output, or the file of --write, which is made when the first byte
// of a result comes, so that a failed run does not replace an older result by nothing.
type output struct {
	env  *Env
	path string
	how  making
	file made
	buf  *bufio.Writer
}

// newOutput returns the output to the file with this name, or to standard output where it is empty.
func newOutput(e *Env, path string) *output {
	o := &output{env: e, path: path}
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
	if !hasResult(err) {
		o.discard()
		return err
	}
	failed := o.buf.Flush()
	if failed == nil && o.path != "" && o.file == nil {
		failed = o.create() // an empty result is a result
	}
	if failed == nil && o.file != nil {
		failed = o.file.Close()
	} else {
		o.discard()
	}
	if failed != nil {
		return writeFailed(failed)
	}
	return err
}

// discard gives up a file that is not complete.
func (o *output) discard() {
	if o.file != nil {
		o.file.Discard()
	}
}

// writeFailed marks an error as one of writing the result.
func writeFailed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("can't write the result: %w", err)
}

func (o *output) create() (err error) {
	o.file, err = o.env.Create(o.path, o.how)
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

// terminal reports whether the result goes to one.
func (o *output) terminal() bool { return o.path == "" && o.env.StdoutTTY }

// draws reports whether the result goes to a terminal that can do more than write lines.
func (o *output) draws() bool { return o.terminal() && o.env.Getenv("TERM") != "dumb" }

// colours reports whether text has colours there, as --color says.
func (o *output) colours(mode string) bool {
	// https://no-color.org: set and not empty.
	return mode == "always" || mode == "auto" && o.draws() && o.env.Getenv("NO_COLOR") == ""
}
