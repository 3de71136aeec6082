package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The headers with a server's view of a connection: that is the truth about translations.
const (
	peerHeader   = "X-Peer"
	serverHeader = "X-Server"
)

// slowAnswer is how long a server thinks about a request below /slow/.
const slowAnswer = 2500 * time.Millisecond

// lazyAnswer is how long a server leaves the body of a request below /lazy/ unread.
const lazyAnswer = 8 * time.Second

// manner is how a server treats its connections, where it does not do as usual.
type manner struct {
	// Backlog is how many connections wait to be accepted, the system's choice if 0.
	Backlog int `json:",omitempty"`
	// Defer is TCP_DEFER_ACCEPT.
	Defer time.Duration `json:",omitempty"`
	// Idle is after how much silence it hangs up; 0 for never. Before is where it sends some datagrams before that: the FIN waits
	// behind them where the link is narrow.
	Idle   time.Duration  `json:",omitempty"`
	Before netip.AddrPort `json:",omitzero"`
}

// server is a listening socket with a program behind it.
type server struct {
	manner
	l *net.TCPListener
	// busy is held while the program takes no connections.
	busy sync.Mutex
}

// listen serves HTTP on a port: /N is answered with N bytes; /slow/N too, but late, and /lazy/N still later; after /last/N the server hangs up;
// /reset is not answered.
func (w *worker) listen(o order) error {
	s := new(server)
	if o.Manner != nil {
		s.manner = *o.Manner
	}
	without := net.ListenConfig{KeepAlive: -1} // or Go asks after idle clients every 15 s
	l, err := without.Listen(context.Background(), "tcp4", net.JoinHostPort("", strconv.Itoa(int(o.Port))))
	if err != nil {
		return err
	}
	s.l = l.(*net.TCPListener)
	if err := s.prepare(); err != nil {
		return err
	}
	w.mu.Lock()
	w.servers[o.Port] = s
	w.mu.Unlock()
	go func() {
		for {
			c, err := s.l.Accept()
			if err != nil {
				return
			}
			s.free()
			go s.serve(c)
		}
	}()
	return nil
}

// free waits while the server is not to accept anything.
func (s *server) free() {
	s.busy.Lock()
	defer s.busy.Unlock()
}

// prepare sets what Go has no words for.
func (s *server) prepare() error {
	raw, err := s.l.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		if s.Backlog > 0 {
			failed = syscall.Listen(int(fd), s.Backlog) // the second call of listen(2) only changes the length
		}
		if s.Defer > 0 && failed == nil {
			failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_DEFER_ACCEPT, int(s.Defer/time.Second))
		}
	})
	return errors.Join(err, failed)
}

// server is that of a port.
func (w *worker) server(port uint16) *server {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.servers[port]
}

// pause has the program take no more connections for a while: one that it was waiting for, and those that its kernel keeps for it.
func (s *server) pause(d time.Duration) error {
	s.busy.Lock()
	time.AfterFunc(d, s.busy.Unlock)
	return nil
}

// stop ends the listening; connections go on.
func (s *server) stop() error { return s.l.Close() }

func (s *server) serve(c net.Conn) {
	defer c.Close()
	for r := bufio.NewReader(c); ; {
		if s.Idle > 0 {
			_ = c.SetReadDeadline(time.Now().Add(s.Idle))
		}
		q, err := http.ReadRequest(r)
		if err != nil {
			if s.Before.IsValid() && errors.Is(err, os.ErrDeadlineExceeded) {
				fill(s.Before)
			}
			return
		}
		path, slow := strings.CutPrefix(strings.TrimPrefix(q.URL.Path, "/"), "slow/")
		path, lazy := strings.CutPrefix(path, "lazy/")
		switch {
		case slow:
			time.Sleep(slowAnswer)
		case lazy:
			time.Sleep(lazyAnswer)
		}
		if _, err := io.Copy(io.Discard, q.Body); err != nil {
			return
		}
		path, last := strings.CutPrefix(path, "last/")
		if path == "reset" {
			_ = c.(*net.TCPConn).SetLinger(0)
			return
		}
		n, _ := strconv.Atoi(path)
		answer := http.Response{
			StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(n),
			Header: http.Header{peerHeader: {c.RemoteAddr().String()}, serverHeader: {c.LocalAddr().String()}},
			Body:   io.NopCloser(bytes.NewReader(bytes.Repeat([]byte("netsift "), n/8+1)[:n])),
		}
		var all bytes.Buffer
		if answer.Write(&all) != nil {
			return
		}
		if _, err := c.Write(all.Bytes()); err != nil || last {
			return
		}
	}
}
