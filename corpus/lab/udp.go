package main

import (
	"bytes"
	"net"
	"net/netip"
	"time"
)

// echo answers each datagram with the same.
func echo(port uint16) error {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{Port: int(port)})
	if err != nil {
		return err
	}
	go func() {
		for b := make([]byte, 65536); ; {
			n, from, err := c.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			_, _ = c.WriteToUDPAddrPort(b[:n], from)
		}
	}()
	return nil
}

// datagrams sends some of one size from one socket, and waits for an answer after each. It returns how many were answered.
func datagrams(o order) (answered int, err error) {
	c, err := net.DialUDP("udp4", &net.UDPAddr{Port: int(o.Port)}, net.UDPAddrFromAddrPort(o.Addr))
	if err != nil {
		return 0, err
	}
	defer c.Close()
	b := make([]byte, 65536)
	for range o.Count {
		if _, err := c.Write(bytes.Repeat([]byte("u"), o.Upload)); err != nil {
			return answered, err
		}
		_ = c.SetReadDeadline(time.Now().Add(o.Timeout))
		if _, err := c.Read(b); err == nil {
			answered++
		}
	}
	return answered, nil
}

// fill sends some full datagrams at once.
func fill(to netip.AddrPort) {
	c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return
	}
	defer c.Close()
	for range 3 {
		_, _ = c.Write(make([]byte, 1372))
	}
}
