package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Namespaces and temporary folders are called netsift-lab-PID-NAME, with the PID of the lab that made them, so that a later lab
// knows the leftovers of an earlier one that was killed.
const namePrefix = "netsift-lab-"

func named(name string) string { return fmt.Sprintf("%s%d-%s", namePrefix, os.Getpid(), name) }

// namespaceName is the name of a host's namespace in a scenario.
func namespaceName(scenario, host string) string { return named(scenario + "-" + host) }

// temporary makes a temporary folder.
func temporary(name string) (string, error) { return os.MkdirTemp("", named(name)+"-") }

// removeLeftovers deletes the leftovers of labs that have ended. The rest belongs to labs at work.
func removeLeftovers() {
	for _, pattern := range []string{"/run/netns/", "/etc/netns/", os.TempDir() + "/"} {
		paths, _ := filepath.Glob(pattern + namePrefix + "*")
		for _, path := range paths {
			pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), namePrefix), "-")
			id, err := strconv.Atoi(pid)
			switch {
			case err != nil || syscall.Kill(id, 0) != syscall.ESRCH:
			case pattern == "/run/netns/":
				_ = netns{filepath.Base(path)}.remove()
			default:
				_ = os.RemoveAll(path)
			}
		}
	}
	_ = os.Remove("/etc/netns") // if it is empty
}
