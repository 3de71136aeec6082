package netsift

import (
	"errors"
	"fmt"
)

// The exit codes. Scripts rely on them.
const (
	// ExitOK: it ran, and found nothing at or above --fail-on.
	ExitOK = 0
	// ExitFinding: it ran, and found something at or above --fail-on.
	ExitFinding = 1
	// ExitUsage: it was called wrongly: unknown flag, unknown rule, bad value.
	ExitUsage = 2
	// ExitNoCapture: not one of the captures could be read.
	ExitNoCapture = 3
	// ExitFailed: any other failure, such as a full disk under the result.
	ExitFailed = 4
	// ExitInterrupted: the user stopped it, 128 + SIGINT as shells have it.
	ExitInterrupted = 130
)

// exitError is an error with an exit code of its own. Its message may be empty: then everything has been said already.
type exitError struct {
	code    int
	message string
}

func (e *exitError) Error() string { return e.message }

// usagef returns an error that says what is wrong with the call and what to do instead.
func usagef(format string, args ...any) error {
	return &exitError{ExitUsage, fmt.Sprintf(format, args...)}
}

var (
	errFinding     = &exitError{code: ExitFinding}
	errNoCapture   = &exitError{code: ExitNoCapture}
	errInterrupted = &exitError{ExitInterrupted, "interrupted"}
)

// hasResult says whether a command that returns err has a result.
func hasResult(err error) bool { return err == nil || errors.Is(err, errFinding) }

// exitCode returns the code for what a command returned.
func exitCode(err error) int {
	var e *exitError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &e):
		return e.code
	}
	return ExitFailed
}
