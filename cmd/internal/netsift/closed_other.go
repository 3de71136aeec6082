//go:build !linux

package netsift

// stdoutClosed reports whether standard output was closed when the program started. It can't be told here.
func stdoutClosed() bool { return false }
