package redact

import (
	"net/netip"
	"strings"

	"github.com/netsift/netsift/analyze/role"
)

// role returns what stands for the role of an interface: a word, or one with the address of the pod that is behind it.
func (r *Redaction) role(s string) string {
	switch s {
	case role.Veth, role.Bridge, role.Tunnel, role.Uplink, role.Loopback:
		return s
	}
	pod, ok := strings.CutPrefix(s, role.Veth+" ")
	if a, err := netip.ParseAddr(pod); ok && err == nil {
		return role.Veth + " " + r.Addr(a).String()
	}
	return "" // not known, which is true of who reads the report
}
