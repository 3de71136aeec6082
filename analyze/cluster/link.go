package cluster

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// Link is an interface as its system describes it.
type Link struct {
	// Index is the kernel's, as LINUX_SLL2 frames carry it.
	Index uint32
	Name  string
	// Kind is the type of a virtual link: bridge, veth, vxlan, wireguard and so on; "loopback" for lo, "" for others.
	Kind string
	// Master is the bridge that it is a port of, "" for none.
	Master string
	// MTU in bytes, 0 where not said.
	MTU uint32
	// Hairpin is on or off at a port of a bridge, "" where not said: whether a frame may leave by the port that it came in by.
	Hairpin string
	// Under is the link that a tunnel's packets leave by, "" where not said.
	Under string
	// Static says of a VXLAN that it learns no addresses: it knows those that somebody entered.
	Static bool
}

const (
	// maxDump bounds a dump of links in bytes, maxLinks the links taken from it: a node has hundreds.
	maxDump, maxLinks = 16 << 20, 1 << 16
	// maxName is the kernel's limit for a name (IFNAMSIZ is 16 with the terminating zero), altnames aside.
	maxName = 128
)

// ErrNoLinks says that a text is no dump of links.
var ErrNoLinks = errors.New("no links in it; make it on the node with: ip -d link")

// ParseLinks reads what `ip -d link` or `ip -d -j link` printed, also with -o. Without -d there are no kinds.
func ParseLinks(r io.Reader) ([]Link, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxDump+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxDump {
		return nil, fmt.Errorf("larger than %d bytes: no list of a node's links", maxDump)
	}
	list, err := parseText(b)
	if t := bytes.TrimSpace(b); len(t) > 0 && t[0] == '[' {
		list, err = parseJSON(t)
	}
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNoLinks
	}
	return list, nil
}

// parseText reads the form for people: a line "5: veth1@if2: <FLAGS> mtu 1450 ... master cni0 ...", and indented ones below
// it, of which one begins with "link/" and a later one with the kind. With -o a backslash stands for the line break.
func parseText(b []byte) ([]Link, error) {
	var list []Link
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, 1<<20)
	for s.Scan() && len(list) < maxLinks {
		for i, line := range strings.Split(s.Text(), `\`) {
			l, ok := linkHead(line)
			switch {
			case i == 0 && ok:
				list = append(list, l)
			case len(list) > 0 && (i > 0 || strings.HasPrefix(line, " ")):
				list[len(list)-1].detail(strings.Fields(line))
			}
		}
	}
	return list, s.Err()
}

// linkHead reads the first line of a link.
func linkHead(line string) (l Link, ok bool) {
	number, rest, ok := strings.Cut(line, ": ")
	if !ok {
		return l, false
	}
	n, err := strconv.ParseUint(number, 10, 32)
	name, rest, ok := strings.Cut(rest, ": ")
	if err != nil || n == 0 || !ok || !strings.HasPrefix(rest, "<") {
		return l, false
	}
	name, _, _ = strings.Cut(name, "@")
	if name == "" || len(name) > maxName {
		return l, false
	}
	l = Link{Index: uint32(n), Name: name}
	words := strings.Fields(rest)
	for i := 0; i+1 < len(words); i++ {
		switch words[i] {
		case "mtu":
			if m, err := strconv.ParseUint(words[i+1], 10, 32); err == nil {
				l.MTU = uint32(m)
			}
		case "master":
			l.Master = words[i+1]
		}
	}
	return l, true
}

// kinds are the kinds of links that say something about an interface's role.
var kinds = withTunnels(map[string]fact.InterfaceKind{
	"bridge": fact.Bridge, "openvswitch": fact.Bridge, "ipip": fact.TunnelDevice, "sit": fact.TunnelDevice,
	"ip6tnl": fact.TunnelDevice, "gre": fact.TunnelDevice, "gretap": fact.TunnelDevice, "ip6gre": fact.TunnelDevice,
	"ip6gretap": fact.TunnelDevice, "erspan": fact.TunnelDevice, "vti": fact.TunnelDevice, "vti6": fact.TunnelDevice,
	"xfrm": fact.TunnelDevice, "wireguard": fact.TunnelDevice, "tun": fact.TunnelDevice, "loopback": fact.Loopback,
	"veth": 0, "netkit": 0, "vlan": 0, "bond": 0, "ipvlan": 0, "macvlan": 0, "dummy": 0,
})

// withTunnels adds to kinds those of tunnels over UDP: Linux has the same words for them as netsift.
func withTunnels(kinds map[string]fact.InterfaceKind) map[string]fact.InterfaceKind {
	for k := range decode.UDPTunnels().All() {
		kinds[k.String()] = fact.TunnelDevice
	}
	return kinds
}

func (l *Link) detail(words []string) {
	if len(words) == 0 {
		return
	}
	if words[0] == "bridge_slave" {
		if i := slices.Index(words, "hairpin"); i >= 0 && i+1 < len(words) && (words[i+1] == "on" || words[i+1] == "off") {
			l.Hairpin = strings.Clone(words[i+1])
		}
	}
	if l.Kind != "" {
		return
	}
	if media, ok := strings.CutPrefix(words[0], "link/"); ok {
		switch media {
		case "loopback", "ipip", "sit", "gre":
			l.Kind = media
		case "tunnel6":
			l.Kind = "ip6tnl"
		case "gre6":
			l.Kind = "ip6gre"
		}
		return
	}
	if _, ok := kinds[words[0]]; ok {
		l.Kind = words[0]
		l.Static = l.Kind == "vxlan" && slices.Contains(words, "nolearning") && !slices.Contains(words, "external")
		if i := slices.Index(words, "dev"); i >= 0 && i+1 < len(words) && len(words[i+1]) <= maxName {
			l.Under = words[i+1]
		}
	}
}

// parseJSON reads the form for programs.
func parseJSON(b []byte) ([]Link, error) {
	var all []struct {
		Index    uint32 `json:"ifindex"`
		Name     string `json:"ifname"`
		MTU      uint32 `json:"mtu"`
		Master   string `json:"master"`
		LinkType string `json:"link_type"`
		Info     struct {
			Kind string `json:"info_kind"`
			Data struct {
				Link     string `json:"link"`
				Learning *bool  `json:"learning"`
				External bool   `json:"external"`
			} `json:"info_data"`
			Port struct {
				Hairpin *bool `json:"hairpin"`
			} `json:"info_slave_data"`
		} `json:"linkinfo"`
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("not the output of ip -d -j link: %w", err)
	}
	var list []Link
	for _, x := range all {
		if x.Index == 0 || x.Name == "" || len(x.Name) > maxName || len(list) == maxLinks {
			continue
		}
		l := Link{Index: x.Index, Name: x.Name, MTU: x.MTU, Master: x.Master, Kind: x.Info.Kind}
		if h := x.Info.Port.Hairpin; h != nil {
			l.Hairpin = map[bool]string{true: "on", false: "off"}[*h]
		}
		data := &x.Info.Data
		if l.Static = l.Kind == "vxlan" && data.Learning != nil && !*data.Learning && !data.External; len(data.Link) <= maxName {
			l.Under = data.Link
		}
		if l.Kind == "" && x.LinkType == "loopback" {
			l.Kind = x.LinkType
		}
		list = append(list, l)
	}
	return list, nil
}

// role returns the role that the link has by its kind, or else the one by its passages.
func (l *Link) role(passing fact.InterfaceRole) fact.InterfaceRole {
	switch by := kinds[l.Kind]; {
	case by != fact.InterfaceUnknown:
		return fact.InterfaceRole{Kind: by}
	case passing.Kind == fact.InterfaceUnknown && (l.Kind == "veth" || l.Kind == "netkit") && l.Master != "":
		return fact.InterfaceRole{Kind: fact.Veth}
	}
	return passing
}
