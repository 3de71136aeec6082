package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"sync"
	"time"
)

// agentArg makes this program the process of a pod: it takes orders from standard input.
const agentArg = "agent"

// order is the lab's order to an agent.
type order struct {
	ID int
	// Do is listen, pause, stop, dns, queries, echo, datagrams, wireguard, bgp, dial, get, close, visits or ask.
	Do   string
	Port uint16         `json:",omitempty"`
	Addr netip.AddrPort `json:",omitzero"`
	// Conn is a connection made before.
	Conn    int              `json:",omitempty"`
	Path    string           `json:",omitempty"` // path to get
	Count   int              `json:",omitempty"` // how many visits
	Upload  int              `json:",omitempty"` // bytes to send along
	Wait    time.Duration    `json:",omitempty"` // before the answer is read, or a connection is closed; how long a server pauses
	Size    uint16           `json:",omitempty"` // the largest UDP answer that a resolver says it takes
	TCP     bool             `json:",omitempty"` // ask over TCP
	Manner  *manner          `json:",omitempty"` // of a server
	Peers   []netip.AddrPort `json:",omitempty"` // of a node's WireGuard; Count is 1 for one that is mute
	Timeout time.Duration    `json:",omitempty"`
	Names   *names           `json:",omitempty"`
}

// report is the result of an order.
type report struct {
	ID int
	// Local is a new connection's own address; Peer the client's address as the server saw it, Server the server's own.
	Local, Peer, Server netip.AddrPort `json:",omitzero"`
	Queries             []query        `json:",omitempty"`
	Visits              []report       `json:",omitempty"`
	Count               int            `json:",omitempty"` // of datagrams that were answered
	// Failure is an outcome: refused, unreachable, reset, closed, hang; or anything else that went wrong, in words.
	Failure string `json:",omitempty"`
}

// agent is a process in a namespace, as the lab sees it.
type agent struct {
	cmd     *exec.Cmd
	to      io.WriteCloser
	mu      sync.Mutex
	next    int
	waiting map[int]chan report
	gone    chan struct{}
}

// startAgent starts this program again inside a namespace.
func startAgent(n netns) (*agent, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	a := &agent{waiting: map[int]chan report{}, gone: make(chan struct{})}
	a.cmd = exec.Command("ip", "netns", "exec", n.name, self, agentArg)
	a.cmd.Stderr = os.Stderr
	dieWithLab(a.cmd)
	if a.to, err = a.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	from, err := a.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := a.cmd.Start(); err != nil {
		return nil, err
	}
	go a.listen(from)
	return a, nil
}

// listen hands reports to the callers of tell.
func (a *agent) listen(from io.Reader) {
	defer close(a.gone)
	for lines := json.NewDecoder(from); ; {
		var r report
		if lines.Decode(&r) != nil {
			return
		}
		a.mu.Lock()
		c := a.waiting[r.ID]
		delete(a.waiting, r.ID)
		a.mu.Unlock()
		if c != nil {
			c <- r
		}
	}
}

// tell has an order carried out and waits for the report. Orders may overlap.
func (a *agent) tell(ctx context.Context, o order) (report, error) {
	c := make(chan report, 1)
	a.mu.Lock()
	a.next++
	o.ID = a.next
	a.waiting[o.ID] = c
	line, _ := json.Marshal(o)
	_, err := a.to.Write(append(line, '\n'))
	a.mu.Unlock()
	if err != nil {
		return report{}, err
	}
	select {
	case r := <-c:
		return r, nil
	case <-a.gone:
		return report{}, errors.New("the pod's process is gone")
	case <-ctx.Done():
		return report{}, ctx.Err()
	}
}

// kill ends the process; the kernel would send a FIN or RST for each of its connections, unless its link is gone.
func (a *agent) kill() {
	_ = a.cmd.Process.Kill()
	_ = a.cmd.Wait()
}

// beAgent is the life of an agent: until its standard input ends.
func beAgent(in io.Reader, out io.Writer) error {
	w := &worker{conns: map[int]*conn{}, sockets: map[uint16]*net.UDPConn{}, servers: map[uint16]*server{}}
	var mu sync.Mutex
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return fmt.Errorf("an order that is none: %w", err)
		}
		go func() {
			r := w.do(o)
			r.ID = o.ID
			line, _ := json.Marshal(r)
			mu.Lock()
			defer mu.Unlock()
			_, _ = out.Write(append(line, '\n'))
		}()
	}
	return lines.Err()
}
