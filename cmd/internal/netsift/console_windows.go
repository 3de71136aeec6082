package netsift

import (
	"os"

	"golang.org/x/sys/windows"
)

// keyboard is the file that keys come from.
const keyboard = "CONIN$"

// understands reports whether a terminal obeys the escape sequences of ECMA-48. A console of Windows does when it is asked to, but for old ones.
func understands(f *os.File) bool {
	var mode uint32
	console := windows.Handle(f.Fd())
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
