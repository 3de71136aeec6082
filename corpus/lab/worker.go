package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
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

// The headers in which a server says what it saw of a connection: that is the truth about translations.
const (
	peerHeader   = "X-Peer"
	serverHeader = "X-Server"
)

// worker carries out orders inside a namespace.
type worker struct {
	mu    sync.Mutex
	conns map[int]*conn
	dns   *nameServer
}

// conn is a connection of a client.
type conn struct {
	net.Conn
	r *bufio.Reader
}

func (w *worker) do(o order) report {
	var r report
	var err error
	switch o.Do {
	case "listen":
		err = w.listen(o.Port)
	case "dns":
		w.dns, err = serveNames(o.Names)
	case "queries":
		r.Queries = w.dns.seen()
	case "dial":
		r, err = w.dial(o)
	case "get":
		r, err = w.get(o)
	case "close":
		w.mu.Lock()
		c := w.conns[o.Conn]
		w.mu.Unlock()
		err = c.Close()
	default:
		err = fmt.Errorf("no such order: %s", o.Do)
	}
	if err != nil {
		r.Failure = outcome(err)
	}
	return r
}

// listen serves HTTP on a port: /N is answered with N bytes.
func (w *worker) listen(port uint16) error {
	l, err := net.Listen("tcp4", net.JoinHostPort("", strconv.Itoa(int(port))))
	if err != nil {
		return err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return nil
}

func serve(c net.Conn) {
	defer c.Close()
	for r := bufio.NewReader(c); ; {
		q, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		n, _ := strconv.Atoi(strings.TrimPrefix(q.URL.Path, "/"))
		answer := http.Response{
			StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(n),
			Header: http.Header{peerHeader: {c.RemoteAddr().String()}, serverHeader: {c.LocalAddr().String()}},
			Body:   io.NopCloser(bytes.NewReader(bytes.Repeat([]byte("netsift "), n/8+1)[:n])),
		}
		var all bytes.Buffer
		if answer.Write(&all) != nil {
			return
		}
		if _, err := c.Write(all.Bytes()); err != nil {
			return
		}
	}
}

// dial makes a connection. Nagle's algorithm is off as in any Go program; keepalives would only add noise.
func (w *worker) dial(o order) (report, error) {
	d := net.Dialer{Timeout: o.Timeout, KeepAliveConfig: net.KeepAliveConfig{Enable: false}}
	var local netip.AddrPort
	// The port is chosen before, so that a connection that never comes about has a known address too.
	d.Control = func(_, _ string, raw syscall.RawConn) error {
		var err error
		if e := raw.Control(func(fd uintptr) { local, err = bindAny(int(fd), o.Addr) }); e != nil {
			return e
		}
		return err
	}
	c, err := d.Dial("tcp4", o.Addr.String())
	r := report{Local: local}
	if err != nil {
		return r, err
	}
	w.mu.Lock()
	w.conns[o.Conn] = &conn{c, bufio.NewReader(c)}
	w.mu.Unlock()
	return r, nil
}

// bindAny binds a socket to the address from which the kernel would call addr, and a free port.
func bindAny(fd int, addr netip.AddrPort) (netip.AddrPort, error) {
	// A connected UDP socket sends nothing and tells the address.
	probe, err := net.Dial("udp4", addr.String())
	if err != nil {
		return netip.AddrPort{}, err
	}
	from := probe.LocalAddr().(*net.UDPAddr).AddrPort().Addr()
	probe.Close()
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: from.As4()}); err != nil {
		return netip.AddrPort{}, err
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(from, uint16(name.(*syscall.SockaddrInet4).Port)), nil
}

// get asks for some bytes on a connection and reads them all.
func (w *worker) get(o order) (report, error) {
	w.mu.Lock()
	c := w.conns[o.Conn]
	w.mu.Unlock()
	if c == nil {
		return report{}, errors.New("no such connection")
	}
	_ = c.SetDeadline(time.Now().Add(o.Timeout))
	if _, err := fmt.Fprintf(c, "GET /%d HTTP/1.1\r\nHost: web\r\n\r\n", o.Bytes); err != nil {
		return report{}, err
	}
	answer, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return report{}, err
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return report{}, err
	}
	var r report
	r.Peer, _ = netip.ParseAddrPort(answer.Header.Get(peerHeader))
	r.Server, _ = netip.ParseAddrPort(answer.Header.Get(serverHeader))
	return r, nil
}

// outcome tells how a client saw a connection fail, in the words of netsift's flows.
func outcome(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EACCES):
		return "unreachable"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "hang"
	}
	return err.Error()
}
