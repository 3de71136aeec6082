package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"time"
)

// wireguard sends a handshake initiation every 5 s, as WireGuard does while it has no answer, and answers those of others, unless it is mute.
// Nothing in it is encrypted: the kernels of the lab's machines lack WireGuard, and a capture shows no more than types and lengths.
func wireguard(port uint16, peers []netip.AddrPort, mute bool) error {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{Port: int(port)})
	if err != nil {
		return err
	}
	message := func(kind byte, size int) []byte {
		b := bytes.Repeat([]byte{0x5a}, size)
		copy(b, []byte{kind, 0, 0, 0})
		binary.LittleEndian.PutUint32(b[4:], uint32(time.Now().UnixNano()))
		return b
	}
	answered := make(chan netip.AddrPort, 16)
	go func() {
		for b := make([]byte, 2048); ; {
			n, from, err := c.ReadFromUDPAddrPort(b)
			switch {
			case err != nil:
				return
			case mute || n == 0:
			case b[0] == 1:
				_, _ = c.WriteToUDPAddrPort(message(2, 92), from)
			case b[0] == 2:
				_, _ = c.WriteToUDPAddrPort(message(4, 128), from)
				answered <- from
			}
		}
	}()
	for _, p := range peers {
		go func() {
			for {
				_, _ = c.WriteToUDPAddrPort(message(1, 148), p)
				select {
				case <-answered:
					return
				case <-time.After(5 * time.Second):
				}
			}
		}()
	}
	return nil
}

// bgp speaks as much of BGP as keeps a session up: OPEN with a hold time of 3 s, and a KEEPALIVE a second. It calls the address, if one is given,
// and tries again each second.
func bgp(o order) error {
	speak := func(c net.Conn) error {
		defer c.Close()
		marker := bytes.Repeat([]byte{0xff}, 16)
		open := append(append([]byte{}, marker...), 0, 29, 1, 4, 0xfc, 0x00, 0, 3, 10, 0, 0, byte(o.Port), 0)
		if _, err := c.Write(open); err != nil {
			return err
		}
		failed := make(chan error, 1)
		go func() {
			for b := make([]byte, 4096); ; {
				_ = c.SetReadDeadline(time.Now().Add(3 * time.Second))
				if _, err := c.Read(b); err != nil {
					failed <- err
					return
				}
			}
		}()
		for {
			if _, err := c.Write(append(append([]byte{}, marker...), 0, 19, 4)); err != nil {
				return err
			}
			select {
			case err := <-failed:
				if out := net.Error(nil); errors.As(err, &out) && out.Timeout() {
					_, _ = c.Write(append(append([]byte{}, marker...), 0, 21, 3, 4, 0)) // NOTIFICATION: the hold timer has expired
				}
				return err
			case <-time.After(time.Second):
			}
		}
	}
	if !o.Addr.IsValid() {
		l, err := net.Listen("tcp4", ":179")
		if err != nil {
			return err
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() { _ = speak(c) }()
			}
		}()
		return nil
	}
	go func() {
		for {
			d := net.Dialer{Timeout: 2 * time.Second, KeepAlive: -1}
			if c, err := d.Dial("tcp4", o.Addr.String()); err == nil {
				_ = speak(c)
			}
			time.Sleep(time.Second)
		}
	}()
	return nil
}

var wireguardMute = scenario{
	name:  "wireguard-handshake",
	about: "node1 sends WireGuard handshake initiations to node2 every 5 s and gets no response; another peer responds at once. (Programs that send such messages play WireGuard.)",
	play: func(s *stage) {
		backend := s.pod(1, 6, webPort)
		one, two, three := netip.MustParseAddrPort(node1Addr+":51820"), netip.MustParseAddrPort(node2Addr+":51820"), netip.MustParseAddrPort(outsideAddr+":51820")
		s.must(&s.nodes[1].host, order{Do: "wireguard", Port: 51820, Count: 1})
		s.must(s.outside, order{Do: "wireguard", Port: 51820})
		s.record()
		s.visit(s.client, backend.at(webPort))
		s.must(&s.nodes[0].host, order{Do: "wireguard", Port: one.Port(), Peers: []netip.AddrPort{two, three}})
		s.wait(16 * time.Second)
		s.visit(s.client, backend.at(webPort))
		s.expect("cni", 1, expectation{Rule: "cni-wireguard-handshake", Nodes: []netip.Addr{one.Addr(), two.Addr()}})
		s.allow("cni-no-reply", "cni-tunnel-oneway")
		s.healthy()
	},
}

// routed takes the tunnel away: each node sends to the other's pods as BGP has told it.
func (s *stage) routed() {
	s.beside(1, 2)
	s.beside(2, 1)
}

var bgpSilent = scenario{
	name:  "bgp-silent",
	about: "Nodes route to each other's pods by BGP. A firewall on node2 begins to drop TCP 179: past the hold time of 3 s the session ends, new ones are not answered, node1 takes its route back, and pods behind node2 can't be reached.",
	play:  func(s *stage) { session(s, "-I INPUT -p tcp --dport 179 -j DROP") },
}

var bgpReset = scenario{
	name:  "bgp-reset",
	about: "The same with a firewall that rejects with RST.",
	play:  func(s *stage) { session(s, "-I INPUT -p tcp --dport 179 -j REJECT --reject-with tcp-reset") },
}

func session(s *stage, block string) {
	backend, near := s.pod(2, 8, webPort), s.pod(1, 6, webPort)
	s.service("default/web", web, backend.at(webPort))
	s.routed()
	s.must(&s.nodes[1].host, order{Do: "bgp"})
	s.record()
	s.must(&s.nodes[0].host, order{Do: "bgp", Addr: netip.MustParseAddrPort(node2Addr + ":179")})
	s.wait(2500 * time.Millisecond)
	s.visit(s.client, web)
	s.iptables(2, block)
	s.wait(5 * time.Second)
	if s.err == nil {
		s.fail(s.nodes[0].ip(s.ctx, "route delete 10.244.2.0/24"))
	}
	s.visit(s.client, near.at(webPort))
	s.dial(&s.client.host, web, "hang").untunnelled()
	s.dial(&s.client.host, backend.at(webPort), "hang").untunnelled()
	s.Connections = []*connection{}
	s.expect("cni", 1, expectation{Rule: "cni-bgp-down", Nodes: []netip.Addr{netip.MustParseAddr(node1Addr), netip.MustParseAddr(node2Addr)}})
	s.allow("cni-no-reply", "cni-reject", "app-refused", "tcp-loss", "ct-stale-blackhole")
	s.forbid("svc-no-dnat", "svc-no-endpoints", "app-backlog-full", "ct-idle-reset", "ct-stale-reset")
}
