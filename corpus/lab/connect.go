package main

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// Clients wait this long: three SYN retries of a recent kernel (after 1, 2 and 3 s), and some.
const (
	dialPatience = 3300 * time.Millisecond
	getPatience  = 3500 * time.Millisecond
)

// call is a connection of a client, open until hung up.
type call struct {
	*connection
	stage *stage
	from  *host
	id    int
	to    netip.AddrPort
}

// dial has a host call an address, and wants it to end so: ok (established), refused, unreachable or hang.
func (s *stage) dial(from *host, to netip.AddrPort, want string) *call {
	return s.dialFrom(from, 0, to, want)
}

// dialFrom is dial from a certain port.
func (s *stage) dialFrom(from *host, port uint16, to netip.AddrPort, want string) *call {
	return s.dialing(from, port, to, want)()
}

// dialing is dialFrom while the play goes on; what it returns waits for the end.
func (s *stage) dialing(from *host, port uint16, to netip.AddrPort, want string) (ended func() *call) {
	s.dials++
	k := &call{&connection{Proto: "tcp", Outcome: want}, s, from, s.dials, to}
	if s.err != nil {
		return func() *call { return k }
	}
	s.Connections = append(s.Connections, k.connection)
	k.place()
	var r report
	var err error
	done := make(chan bool)
	go func() {
		defer close(done)
		r, err = from.tell(s.ctx, order{Do: "dial", Addr: to, Conn: k.id, Port: port, Timeout: s.patience})
	}()
	return func() *call {
		<-done
		if err != nil {
			s.fail(err)
			return k
		}
		k.Client = r.Local
		k.check("dial", r.Failure, want)
		return k
	}
}

// place sets the called Service, and the backend as far as it is certain: a Service with one endpoint has no choice.
func (k *call) place() {
	v := k.service()
	switch {
	case v == nil:
		k.Backend = k.to
	default:
		k.Service = k.to
		if len(v.endpoints) == 1 && !v.forgotten {
			k.Backend = v.endpoints[0]
		}
	}
	k.tunnel()
}

// service is the Service of the call's destination, nil for a pod.
func (k *call) service() *service {
	for _, v := range k.stage.services {
		if v.vip == k.to {
			return v
		}
		if v.nodePort == k.to.Port() && slices.ContainsFunc(k.stage.nodes, func(n *node) bool { return n.addr == k.to.Addr() }) {
			return v
		}
	}
	return nil
}

// tunnel sets the tunnel that the connection takes, if any.
func (k *call) tunnel() {
	k.Encap = ""
	at := k.entry()
	if at == nil || !k.Backend.IsValid() {
		return
	}
	for _, n := range k.stage.nodes {
		if n != at && k.Backend.Addr().As4()[2] == byte(n.number) && k.Backend.Addr().As4()[0] == 10 {
			k.Encap = fmt.Sprintf("vxlan:1 %s>%s", at.addr, n.addr)
		}
	}
}

// entry is the node where a connection enters the cluster's network.
func (k *call) entry() *node {
	for _, n := range k.stage.nodes {
		if k.to.Addr() == n.addr || k.from.addr.As4()[0] == 10 && k.from.addr.As4()[2] == byte(n.number) {
			return n
		}
	}
	return nil
}

// get asks for some bytes on a connection, and wants it to end so: ok, reset or hang.
func (k *call) get(bytes int, want string) *call { return k.getPath(strconv.Itoa(bytes), want) }

func (k *call) getPath(path, want string) *call { return k.ask(order{Path: path}, want) }

// upload sends some bytes along and asks for a small answer.
func (k *call) upload(bytes int, want string) *call {
	return k.ask(order{Path: "190", Upload: bytes}, want)
}

// ask sends a request of any kind.
func (k *call) ask(o order, want string) *call {
	s := k.stage
	if s.err != nil {
		return k
	}
	o.Do, o.Conn = "get", k.id
	if o.Timeout == 0 {
		o.Timeout = getPatience + o.Wait
	}
	r, err := k.from.tell(s.ctx, o)
	if err != nil {
		s.fail(err)
		return k
	}
	k.Outcome = want
	k.check("get", r.Failure, want)
	k.answered(r)
	return k
}

// answered takes up a server's report on a connection.
func (k *call) answered(r report) {
	if !r.Server.IsValid() {
		return
	}
	k.Backend = r.Server
	k.tunnel()
	if r.Peer != k.Client {
		k.SNAT, k.SNATPort = r.Peer.Addr(), r.Peer.Port()
	}
}

// hangUp closes a connection.
func (k *call) hangUp() *call {
	if k.stage.err == nil {
		k.stage.fail(k.from.order(k.stage.ctx, order{Do: "close", Conn: k.id}))
	}
	return k
}

// hangUpIn closes a connection later, while the play goes on.
func (k *call) hangUpIn(d time.Duration) *call {
	if k.stage.err == nil {
		k.stage.fail(k.from.order(k.stage.ctx, order{Do: "close", Conn: k.id, Wait: d}))
	}
	return k
}

// errOther reports that another situation than the scenario's came about.
var errOther = errors.New("not the situation that was meant")

// check makes sure that the situation is the one that the scenario is about.
func (k *call) check(what, failure, want string) {
	if failure == "" {
		failure = "ok"
	}
	if failure != want {
		k.stage.fail(fmt.Errorf("%w: %s from %s to %v ended in %q, not in %q", errOther, what, k.from.name, k.to, failure, want))
	}
}

// visit is a whole connection with a small answer, as ordinary life has them.
func (s *stage) visit(from *pod, to netip.AddrPort) *call { return s.visitFrom(&from.host, to) }

func (s *stage) visitFrom(from *host, to netip.AddrPort) *call {
	return s.dial(from, to, "ok").get(190, "ok").hangUp()
}

// visits makes n connections at once, and returns them as they went.
func (s *stage) visits(from *host, to netip.AddrPort, n, bytes int) (calls []*call) {
	if s.err != nil {
		return nil
	}
	first := s.dials + 1
	s.dials += n
	all, err := from.tell(s.ctx, order{Do: "visits", Addr: to, Conn: first, Path: strconv.Itoa(bytes), Count: n, Timeout: s.patience})
	s.fail(err)
	for i, r := range all.Visits {
		k := &call{&connection{Proto: "tcp", Client: r.Local, Outcome: r.Failure}, s, from, first + i, to}
		if r.Failure == "" {
			k.Outcome = "ok"
		}
		k.place()
		k.answered(r)
		s.Connections = append(s.Connections, k.connection)
		calls = append(calls, k)
	}
	return calls
}

// allWent makes sure that connections ended so.
func allWent(calls []*call, want string) {
	for _, k := range calls {
		k.check("visit", k.Outcome, want)
	}
}
