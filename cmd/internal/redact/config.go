package redact

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/snapshot"
)

// config returns what stands for a ConfigMap: numbers and a few known words of a CNI's settings, and where a Corefile has questions forwarded. All
// else may be anything, and is left out.
func (r *Redaction) config(c snapshot.ConfigMap) snapshot.ConfigMap {
	data := map[string]string{}
	for _, key := range []string{"mtu", "veth_mtu", "tunnel-port"} {
		if n, err := strconv.ParseUint(c.Data[key], 10, 32); err == nil {
			data[key] = strconv.FormatUint(n, 10)
		}
	}
	for key, words := range map[string]map[string]bool{"tunnel-protocol": set("vxlan geneve disabled"), "routing-mode": set("native tunnel")} {
		if word := strings.ToLower(c.Data[key]); words[word] {
			data[key] = word
		}
	}
	var flannel struct {
		Backend struct {
			Type string
			Port uint16 `json:",omitempty"`
			MTU  uint64 `json:",omitempty"`
		}
	}
	if json.Unmarshal([]byte(c.Data["net-conf.json"]), &flannel) == nil && set("vxlan host-gw wireguard udp")[flannel.Backend.Type] {
		if b, err := json.Marshal(flannel); err == nil {
			data["net-conf.json"] = string(b)
		}
	}
	if text := c.Data["Corefile"]; text != "" {
		data["Corefile"] = r.corefile(text)
	}
	return snapshot.ConfigMap{Meta: r.meta("ConfigMap", c.Meta), Data: data}
}

// corefile returns what stands for a Corefile: its blocks, the zones of servers, and what they forward. Of other lines nothing but their blocks stays.
func (r *Redaction) corefile(text string) string {
	var b strings.Builder
	depth := 0
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		opens := len(words) > 0 && words[len(words)-1] == "{"
		if opens {
			words = words[:len(words)-1]
		}
		var out []string
		switch {
		case len(words) == 0:
		case words[0] == "}":
			out, depth = []string{"}"}, max(depth-1, 0)
		case depth == 0 && opens:
			out = each(words, r.zone)
		case words[0] == "forward" && len(words) > 2:
			out = append([]string{"forward", r.zone(words[1])}, each(words[2:], r.upstream)...)
		case opens:
			out = []string{"plugin"}
		}
		if opens {
			out = append(out, "{")
			depth++
		}
		if len(out) > 0 {
			b.WriteString(strings.Join(out, " ") + "\n")
		}
	}
	return b.String()
}

// zone returns what stands for the zone of a Corefile's server or plugin, without scheme and port.
func (r *Redaction) zone(s string) string {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s, _, _ = strings.Cut(strings.TrimSuffix(s, ","), ":")
	if s = strings.Trim(s, "."); s == "" {
		return "."
	}
	return r.Name(s)
}

// upstream returns what stands for a server that a Corefile forwards to: an address, a file that names some, or a name.
func (r *Redaction) upstream(to string) string {
	const ofNode = "/etc/resolv.conf"
	if _, rest, ok := strings.Cut(to, "://"); ok {
		to = rest
	}
	if strings.HasPrefix(to, "/") {
		return ofNode
	}
	if a, err := netip.ParseAddr(strings.Trim(to, "[]")); err == nil {
		return r.Addr(a).String()
	}
	if a, err := netip.ParseAddrPort(to); err == nil {
		return r.AddrPort(a).String()
	}
	return r.Name(to)
}
