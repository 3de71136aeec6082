package plugin

import (
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/netsift/netsift/cmd/internal/netsift"
)

// failure is an error with an exit code, as netsift has them (docs/contract.md).
type failure struct {
	code    int
	message string
}

// Error implements error.
func (f *failure) Error() string { return f.message }

// usagef returns an error that says what is wrong with the call and what to do instead.
func usagef(format string, args ...any) error {
	return &failure{netsift.ExitUsage, fmt.Sprintf(format, args...)}
}

// failf returns an error that says why nothing could be captured, and what to do.
func failf(format string, args ...any) error {
	return &failure{netsift.ExitNoCapture, fmt.Sprintf(format, args...)}
}

func exitCode(err error) int {
	var f *failure
	switch {
	case err == nil:
		return netsift.ExitOK
	case errors.As(err, &f):
		return f.code
	}
	return netsift.ExitFailed
}

// plain returns an error of the API server as a sentence's end.
func plain(err error) error {
	var status apierrors.APIStatus
	switch {
	case err == nil:
		return nil
	case apierrors.IsForbidden(err) && errors.As(err, &status):
		// User "x" cannot get resource "pods" in API group "" in the namespace "y"
		message := status.Status().Message
		if i := strings.Index(message, `User "`); i >= 0 {
			message = message[i:]
		}
		return errors.New("not allowed: " + message)
	case apierrors.IsNotFound(err):
		return errors.New("there is none of that name")
	}
	return err
}

var errForbidden = errors.New("not allowed")

func isForbidden(err error) bool { return apierrors.IsForbidden(err) }
