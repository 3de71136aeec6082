package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// recorder is a tcpdump that listens on all interfaces of a node.
type recorder struct {
	cmd     *exec.Cmd
	command string
	said    chan string // its output, at its end
}

// record starts tcpdump and waits until it listens.
func record(ctx context.Context, n *node, file string) (*recorder, error) {
	args := []string{"tcpdump", "-Z", "root", "-U", "-B", "32768", "-i", "any", "-w", file}
	r := &recorder{command: strings.Join(args, " "), said: make(chan string, 1)}
	r.cmd = exec.Command("ip", append([]string{"netns", "exec", n.netns.name}, args...)...)
	dieWithLab(r.cmd)
	text, err := r.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	listening := make(chan bool, 1)
	go func() {
		var all strings.Builder
		for lines := bufio.NewScanner(text); lines.Scan(); {
			fmt.Fprintln(&all, lines.Text())
			if strings.Contains(lines.Text(), "listening on") {
				listening <- true
			}
		}
		close(listening)
		r.said <- all.String()
	}()
	select {
	case ok := <-listening:
		if !ok {
			_ = r.cmd.Wait()
			return nil, fmt.Errorf("tcpdump did not start: %s", <-r.said)
		}
	case <-time.After(5 * time.Second):
		r.kill()
		return nil, errors.New("tcpdump did not start in 5 s")
	case <-ctx.Done():
		r.kill()
		return nil, ctx.Err()
	}
	return r, nil
}

var (
	captured = regexp.MustCompile(`(\d+) packets? captured`)
	dropped  = regexp.MustCompile(`([1-9]\d*) packets? dropped by kernel`)
)

// stop ends tcpdump in order and returns how many packets it wrote.
func (r *recorder) stop() (packets int, err error) {
	if err := r.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return 0, err
	}
	late := time.AfterFunc(5*time.Second, func() { _ = r.cmd.Process.Kill() })
	said := <-r.said
	err = r.cmd.Wait()
	late.Stop()
	m := captured.FindStringSubmatch(said)
	if m == nil {
		return 0, fmt.Errorf("tcpdump ended in disorder: %w: %s", err, said)
	}
	if lost := dropped.FindString(said); lost != "" {
		return 0, fmt.Errorf("the capture is not whole: %s", lost)
	}
	packets, _ = strconv.Atoi(m[1])
	return packets, nil
}

func (r *recorder) kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// interfaces are a namespace's by their indexes: a capture with LINUX_SLL2 names none.
func interfaces(ctx context.Context, n netns) (map[string]string, error) {
	text, err := run(ctx, "", "ip", "-n", n.name, "-o", "link")
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for line := range strings.Lines(text) {
		index, rest, _ := strings.Cut(line, ": ")
		name, _, _ := strings.Cut(rest, ":")
		name, _, _ = strings.Cut(name, "@")
		names[index] = name
	}
	return names, nil
}
