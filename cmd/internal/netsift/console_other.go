//go:build !windows

package netsift

import "os"

// keyboard is the file that keys come from.
const keyboard = "/dev/tty"

// understands reports whether a terminal obeys the escape sequences of ECMA-48.
func understands(*os.File) bool { return true }
