package netsift

import "syscall"

// stdoutClosed reports whether standard output was closed when the program started. Go has opened /dev/null in its place then, for reading
// and writing; who throws output away opens it for writing alone, but for a few that do as Go does.
func stdoutClosed() bool {
	const null = 1<<8 | 3 // the device's number, https://www.kernel.org/doc/Documentation/admin-guide/devices.txt
	var file syscall.Stat_t
	if syscall.Fstat(1, &file) != nil {
		return true
	}
	flags, _, err := syscall.Syscall(syscall.SYS_FCNTL, 1, syscall.F_GETFL, 0)
	return err == 0 && file.Mode&syscall.S_IFMT == syscall.S_IFCHR && file.Rdev == null && flags&syscall.O_ACCMODE == syscall.O_RDWR
}
