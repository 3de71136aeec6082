package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers with a server's view of a connection: that is the truth about translations.
const (
	peerHeader   = "X-Peer"
	serverHeader = "X-Server"
)

// slowAnswer is how long a server thinks about a request below /slow/.
const slowAnswer = 2500 * time.Millisecond

// listen serves HTTP on a port: /N is answered with N bytes; /slow/N too, but late; after /last/N the server hangs up; /reset
// is not answered.
func listen(port uint16) error {
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
		path, slow := strings.CutPrefix(strings.TrimPrefix(q.URL.Path, "/"), "slow/")
		if slow {
			time.Sleep(slowAnswer)
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
