package netsift

import (
	"math"
	"os"
	"syscall"
)

// systemLimits returns the limits of this process.
func systemLimits() limits {
	l := noLimits()
	of := func(resource int, to *int64) {
		var r syscall.Rlimit
		if syscall.Getrlimit(resource, &r) == nil {
			*to = int64(min(r.Cur, math.MaxInt64))
		}
	}
	of(syscall.RLIMIT_AS, &l.space)
	of(syscall.RLIMIT_NOFILE, &l.files)
	groups := os.DirFS("/sys/fs/cgroup")
	l.memory = groupMemory(readSmall(os.DirFS("/proc/self"), "cgroup"), func(name string) string { return readSmall(groups, name) })
	return l
}
