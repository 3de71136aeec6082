package plugin

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// socket is a TCP socket of a node, as Linux lists them in /proc/net/tcp and /proc/net/tcp6.
type socket struct {
	local, remote netip.AddrPort
	state         uint8
}

// The states that are asked for (include/net/tcp_states.h).
const established, listening = 0x01, 0x0a

// readSockets reads such a list. Lines that are none are left out.
func readSockets(list string) (sockets []socket) {
	for line := range strings.Lines(list) {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		local, ok := readSocketAddress(f[1])
		remote, ok2 := readSocketAddress(f[2])
		state, err := strconv.ParseUint(f[3], 16, 8)
		if ok && ok2 && err == nil {
			sockets = append(sockets, socket{local, remote, uint8(state)})
		}
	}
	return sockets
}

// readSocketAddress reads 0100007F:1F90. Addresses are words in the byte order of the node; the loopback of one in the other order is not known
// for what it is, and all nodes that Kubernetes is built for but s390x are little-endian.
func readSocketAddress(s string) (a netip.AddrPort, ok bool) {
	host, port, _ := strings.Cut(s, ":")
	p, err := strconv.ParseUint(port, 16, 16)
	b, err2 := hex.DecodeString(host)
	if err != nil || err2 != nil || len(b) != 4 && len(b) != 16 {
		return a, false
	}
	for i := 0; i < len(b); i += 4 {
		slices.Reverse(b[i : i+4])
	}
	ip, _ := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(ip.Unmap(), uint16(p)), true
}

// ownStream is what has to be left out of a node's capture, because it carries that capture away: what it leaves out would be captured, and carried
// away again, and so on.
type ownStream struct {
	// kubelet is the port of the node's kubelet, through which the API server reaches a pod. The kubelet itself has the output from the container
	// runtime, over loopback.
	kubelet uint16
	// relay says that streams of other nodes pass this one, too: it runs an API server or what connects that with nodes. Their connections come
	// later than this node's list.
	relay bool
	// agent says that it runs what connects API servers with kubelets, which has all of their streams from agentPort.
	agent bool
	// api is where API servers listen on this node, with the addresses that are not outside of the cluster.
	api     []netip.AddrPort
	cluster []netip.Prefix
}

// agentPort is where konnectivity servers wait for their agents.
const agentPort = 8132

// maxPairs is how many connections over loopback are named one by one; beyond it all of them are left out.
const maxPairs = 32

// filter returns the expression in pcap-filter(7) that leaves the stream out, given the sockets of the node at a time when it is open. It leaves in
// what other connections carry, also between the same machines.
func (o *ownStream) filter(sockets []socket) string {
	var parts []string
	clients := map[uint16]bool{}
	listens := map[uint16]bool{}
	for _, s := range sockets {
		switch {
		case s.state == listening:
			listens[s.local.Port()] = true
		case s.state == established && s.local.Port() == o.kubelet:
			clients[s.remote.Port()] = true
		}
	}
	if o.relay || len(clients) == 0 || len(clients) > maxPairs {
		parts = append(parts, fmt.Sprintf("tcp port %d", o.kubelet))
	} else {
		parts = append(parts, fmt.Sprintf("tcp port %d and (%s)", o.kubelet, ports(clients)))
	}
	var pairs []string
	for _, s := range sockets {
		if s.state == established && s.local.Addr().IsLoopback() && listens[s.local.Port()] && s.local.Port() != o.kubelet {
			pairs = append(pairs, fmt.Sprintf("port %d and port %d", s.local.Port(), s.remote.Port()))
		}
	}
	slices.Sort(pairs)
	switch pairs = slices.Compact(pairs); {
	case len(pairs) == 0 || len(pairs) > maxPairs:
		parts = append(parts, "tcp and net 127.0.0.0/8")
	case len(pairs) == 1:
		parts = append(parts, "tcp and net 127.0.0.0/8 and "+pairs[0])
	default:
		parts = append(parts, "tcp and net 127.0.0.0/8 and (("+strings.Join(pairs, ") or (")+"))")
	}
	if o.agent {
		parts = append(parts, fmt.Sprintf("tcp port %d", agentPort))
	}
	for _, at := range o.api {
		outside := fmt.Sprintf("tcp port %d and host %s", at.Port(), at.Addr())
		var nets []string
		for _, p := range o.cluster {
			if p.Addr().Is4() == at.Addr().Is4() && !p.Contains(at.Addr()) {
				nets = append(nets, "net "+p.Masked().String())
			}
		}
		if len(nets) > 0 {
			outside += " and not (" + strings.Join(nets, " or ") + ")"
		}
		parts = append(parts, outside)
	}
	return "not (" + strings.Join(parts, ") and not (") + ")"
}

func ports(set map[uint16]bool) string {
	var list []string
	for p := range set {
		list = append(list, "port "+strconv.Itoa(int(p)))
	}
	slices.Sort(list)
	return strings.Join(list, " or ")
}
