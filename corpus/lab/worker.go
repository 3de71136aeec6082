package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

// worker carries out orders inside a namespace.
type worker struct {
	mu    sync.Mutex
	conns map[int]*conn
	dns   *nameServer
	// sockets are those of programs that keep one for all their questions, by their own port.
	sockets map[uint16]*net.UDPConn
	servers map[uint16]*server
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
		err = w.listen(o)
	case "pause":
		err = w.server(o.Port).pause(o.Wait)
	case "stop":
		err = w.server(o.Port).stop()
	case "echo":
		err = echo(o.Port)
	case "wireguard":
		err = wireguard(o.Port, o.Peers, o.Count == 1)
	case "bgp":
		err = bgp(o)
	case "datagrams":
		r.Count, err = datagrams(o)
	case "dns":
		w.dns, err = serveNames(o.Names)
	case "queries":
		r.Queries = w.dns.seen()
	case "dial":
		r, err = w.dial(o)
	case "get":
		r, err = w.get(o)
	case "visits":
		r.Visits = w.visits(o)
	case "ask":
		err = w.ask(o)
	case "close":
		w.mu.Lock()
		c := w.conns[o.Conn]
		w.mu.Unlock()
		if o.Wait > 0 {
			time.AfterFunc(o.Wait, func() { c.Close() })
		} else {
			err = c.Close()
		}
	default:
		err = fmt.Errorf("no such order: %s", o.Do)
	}
	if err != nil {
		r.Failure = outcome(err)
	}
	return r
}

// dial makes a connection. Nagle's algorithm is off as in any Go program; keepalives would only add noise.
func (w *worker) dial(o order) (report, error) {
	d := net.Dialer{Timeout: o.Timeout, KeepAlive: -1}
	var local netip.AddrPort
	// The port is chosen before, so that a connection that never comes about has a known address too.
	d.Control = func(_, _ string, raw syscall.RawConn) error {
		var err error
		if e := raw.Control(func(fd uintptr) { local, err = bindFor(int(fd), o.Addr, o.Port) }); e != nil {
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

// visits makes many connections at once, each with one answer. Those that fail at once stay as they are.
func (w *worker) visits(o order) []report {
	all := make([]report, o.Count)
	var wait sync.WaitGroup
	for i := range all {
		wait.Go(func() {
			one := o
			one.Conn += i
			r, err := w.dial(one)
			if err == nil {
				var got report
				got, err = w.get(one)
				r.Peer, r.Server = got.Peer, got.Server
			}
			if err != nil {
				r.Failure = outcome(err)
			} else {
				w.mu.Lock()
				w.conns[one.Conn].Close()
				w.mu.Unlock()
			}
			all[i] = r
		})
	}
	wait.Wait()
	return all
}

// ask asks a DNS server for the address of a name, over UDP from a socket that is kept.
func (w *worker) ask(o order) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(o.Path), dns.TypeA)
	if o.Size > 0 {
		q.SetEdns0(o.Size, false)
	}
	if o.TCP {
		_, _, err := (&dns.Client{Net: "tcp", Timeout: o.Timeout}).Exchange(q, o.Addr.String())
		return err
	}
	c := w.sockets[o.Port]
	if c == nil {
		var err error
		if c, err = net.DialUDP("udp4", &net.UDPAddr{Port: int(o.Port)}, net.UDPAddrFromAddrPort(o.Addr)); err != nil {
			return err
		}
		w.sockets[o.Port] = c
	}
	_ = c.SetDeadline(time.Now().Add(o.Timeout))
	k := &dns.Conn{Conn: c, UDPSize: o.Size}
	if err := k.WriteMsg(q); err != nil {
		return err
	}
	_, err := k.ReadMsg()
	return err
}

// bindFor binds a socket to the address from which the kernel would call addr, and a port; 0 for a free one.
func bindFor(fd int, addr netip.AddrPort, port uint16) (netip.AddrPort, error) {
	// A connected UDP socket sends nothing and tells the address.
	probe, err := net.Dial("udp4", addr.String())
	if err != nil {
		return netip.AddrPort{}, err
	}
	from := probe.LocalAddr().(*net.UDPAddr).AddrPort().Addr()
	probe.Close()
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: from.As4(), Port: int(port)}); err != nil {
		return netip.AddrPort{}, err
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(from, uint16(name.(*syscall.SockaddrInet4).Port)), nil
}

// get asks for something on a connection and reads it all.
func (w *worker) get(o order) (report, error) {
	w.mu.Lock()
	c := w.conns[o.Conn]
	w.mu.Unlock()
	if c == nil {
		return report{}, errors.New("no such connection")
	}
	_ = c.SetDeadline(time.Now().Add(o.Timeout))
	request := fmt.Sprintf("GET /%s HTTP/1.1\r\nHost: web\r\n\r\n", o.Path)
	if o.Upload > 0 {
		request = fmt.Sprintf("POST /%s HTTP/1.1\r\nHost: web\r\nContent-Length: %d\r\n\r\n%s", o.Path, o.Upload, strings.Repeat("s", o.Upload))
	}
	if _, err := io.WriteString(c, request); err != nil {
		return report{}, err
	}
	time.Sleep(o.Wait)
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

// outcome returns how a client saw a connection fail, in the words of netsift's flows.
func outcome(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EACCES):
		return "unreachable"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "hang"
	}
	return err.Error()
}
