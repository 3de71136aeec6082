package redact

import (
	"regexp"
	"strings"
)

// ordinary are names of interfaces that say nothing of anybody: the kernel's and systemd's numbered ones, and those that network
// plugins give on every node of every cluster.
var ordinary = regexp.MustCompile(`^(lo|any|(eth|em|bond|team|wlan|ib|if|veth|br|virbr|docker|cni|cbr|kube-bridge|kube-ipvs|kube-dummy-if|dummy|tun|tap|tunl|` +
	`ip6tnl|ip6_vti|ip_vti|sit|gre|gretap|erspan|ip6gre|ipip|wg|vxlan|geneve|cilium_wg|ovn-k8s-mp|antrea-gw|antrea-tun|flannel-wg)[0-9]{1,5}(\.[0-9]{1,4})?|` +
	`(ens|eno)[0-9]{1,4}(f[0-9]+)?(np[0-9]+)?(\.[0-9]{1,4})?|(en|wl)p[0-9]{1,3}s[0-9]{1,3}(f[0-9]+)?(np[0-9]+)?(\.[0-9]{1,4})?|` +
	`flannel(-v6)?\.[0-9]{1,5}|vxlan(-v6)?\.calico|wireguard\.cali|wg-v6\.cali|cilium_(host|net|vxlan|geneve|ipip[46])|` +
	`(vxlan|genev)_sys_[0-9]{1,5}|nodelocaldns|ovs-system|br-(int|ex|local|tun)|weave|datapath|kube-bridge|dummy-vti)$`)

// kinds begin names of interfaces that go on with something of one pod or network, such as a part of its id.
var kinds = []string{"veth", "cali", "lxc", "eni", "azv", "gke", "tap", "vnet", "br-", "tunl", "vxlan", "wg"}

// InterfaceName returns what stands for the name of an interface: itself where it says nothing of anybody, as eth0.
func (r *Redaction) InterfaceName(name string) string {
	if name == "" || ordinary.MatchString(name) {
		return name
	}
	kind := "if-"
	for _, k := range kinds {
		if strings.HasPrefix(name, k) {
			kind = k
			break
		}
	}
	return kind + r.key.word(name)
}
