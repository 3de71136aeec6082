package netsift

import (
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
)

// limits are what the system lets the program have: bytes of address space, open files, bytes of memory. math.MaxInt64 is no limit.
type limits struct{ space, files, memory int64 }

// noLimits are those of a system that sets none.
func noLimits() limits { return limits{math.MaxInt64, math.MaxInt64, math.MaxInt64} }

const (
	// leastSpace is the address space that the runtime and reserved state take: with less, it would stop in the middle.
	leastSpace = 2 << 30
	// ownFiles are open beside the captures.
	ownFiles = 10
	// outside is what the program takes beside --max-memory.
	outside = 64 << 20
)

// enough returns an error if the program can't work within the limits.
func (l limits) enough() error {
	switch {
	case l.space < leastSpace:
		return &exitError{ExitFailed, fmt.Sprintf("ulimit -v allows %d MB of address space, and netsift reserves %d MB, most of which it never uses; ulimit -v unlimited, and --max-memory bounds what it takes", l.space>>20, leastSpace>>20)}
	case l.files < ownFiles:
		return &exitError{ExitFailed, fmt.Sprintf("ulimit -n allows %d open files, and netsift needs %d; ulimit -n 1024", l.files, ownFiles)}
	case l.memory-outside < minMemory:
		return &exitError{ExitFailed, fmt.Sprintf("the control group allows %d MB of memory, and netsift needs %d MB", l.memory>>20, (minMemory+outside)>>20)}
	}
	return nil
}

// open returns an error if as many captures can't be open at once.
func (l limits) open(captures int) error {
	if int64(captures) > l.files-ownFiles {
		return &exitError{ExitFailed, fmt.Sprintf("%d captures are more than may be open at once; allow it: ulimit -n %d", captures, captures+ownFiles)}
	}
	return nil
}

// groupMemory returns the least memory limit of the process's control groups (cgroups(7)). list is /proc/self/cgroup, and read reads a file below
// /sys/fs/cgroup. In a container the groups may lie nearer to the root than list has them.
func groupMemory(list string, read func(name string) string) int64 {
	least := int64(math.MaxInt64)
	for line := range strings.Lines(list) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		folder, file := ".", "memory.max"
		if parts[1] != "" {
			if parts[1] != "memory" {
				continue
			}
			folder, file = "memory", "memory.limit_in_bytes"
		}
		for at := path.Clean("/" + parts[2]); ; at = path.Dir(at) {
			if n, err := strconv.ParseInt(strings.TrimSpace(read(path.Join(folder, at, file))), 10, 64); err == nil && n > 0 {
				least = min(least, n)
			}
			if at == "/" {
				break
			}
		}
	}
	return least
}

// readSmall returns what a small file of the system says, "" where there is none.
func readSmall(files fs.FS, name string) string {
	f, err := files.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, 1<<16))
	return string(b)
}
