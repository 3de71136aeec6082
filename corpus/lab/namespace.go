package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Namespaces are called netsift-PID-SCENARIO-HOST, with the PID of the lab that made them, so that a later lab knows what an
// earlier one left behind when it was killed. No namespace is ever connected with the machine's own network.
const namespacePrefix = "netsift-"

// netns is a network namespace.
type netns struct{ name string }

// makeNetns makes a namespace.
func makeNetns(ctx context.Context, name string) (netns, error) {
	n := netns{name}
	if _, err := run(ctx, "", "ip", "netns", "add", name); err != nil {
		return n, err
	}
	return n, n.ip(ctx, "link set lo up")
}

// ip runs commands of ip(8), one a line, inside.
func (n netns) ip(ctx context.Context, lines ...string) error {
	_, err := run(ctx, strings.Join(lines, "\n")+"\n", "ip", "-n", n.name, "-batch", "-")
	return err
}

// exec runs a program inside.
func (n netns) exec(ctx context.Context, input, name string, args ...string) (string, error) {
	return run(ctx, input, "ip", append([]string{"netns", "exec", n.name, name}, args...)...)
}

// sysctl sets kernel parameters inside, each KEY=VALUE.
func (n netns) sysctl(ctx context.Context, settings ...string) error {
	_, err := n.exec(ctx, "", "sysctl", append([]string{"-q", "-w"}, settings...)...)
	return err
}

// etc is the folder whose files ip-netns(8) shows to programs inside in the place of those in /etc.
func (n netns) etc() string { return filepath.Join("/etc/netns", n.name) }

// configure writes such a file.
func (n netns) configure(file, text string) error {
	if err := os.MkdirAll(n.etc(), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(n.etc(), file), []byte(text), 0o644)
}

// remove deletes the namespace; it takes its interfaces along.
func (n netns) remove() error {
	err := os.RemoveAll(n.etc())
	if _, e := run(context.Background(), "", "ip", "netns", "delete", n.name); e != nil {
		err = e
	}
	return err
}

// removeLeftovers deletes the namespaces of labs that are no more. Others belong to labs at work.
func removeLeftovers() {
	names, _ := filepath.Glob("/run/netns/" + namespacePrefix + "*")
	etcs, _ := filepath.Glob("/etc/netns/" + namespacePrefix + "*")
	for _, path := range append(names, etcs...) {
		name := filepath.Base(path)
		pid, _, _ := strings.Cut(strings.TrimPrefix(name, namespacePrefix), "-")
		id, err := strconv.Atoi(pid)
		if err == nil && syscall.Kill(id, 0) == syscall.ESRCH {
			_ = netns{name}.remove() // it may have only one of the two
		}
	}
	_ = os.Remove("/etc/netns") // if it is empty
}

// namespaceName is the name of a host's namespace in a scenario of this lab.
func namespaceName(scenario, host string) string {
	return fmt.Sprintf("%s%d-%s-%s", namespacePrefix, os.Getpid(), scenario, host)
}
