package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// netns is a network namespace. None is ever connected with the machine's own network.
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
