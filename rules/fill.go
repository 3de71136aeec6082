package rules

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// debugPod begins the steps that bring their programs with them into a pod: an image may have no shell, no ss, no dig (distroless).
// The container shares the pod's network, and its /etc/resolv.conf
// (https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/#ephemeral-container).
const debugPod = "kubectl debug -it -n NAMESPACE POD --image=nicolaka/netshoot --target=CONTAINER -- "

// careful begins the warning of a step that changes what it is run on.
const careful = "# CAREFUL: "

// fill puts the addresses of this capture into the commands of the next steps, so that they can be run as they stand, and
// leaves out those of which an address is not known, and where the traffic works again those that change something: they would end
// connections that are well. Names come from packets, and next steps are pasted into shells: a name is quoted.
func (f Finding) fill() Finding {
	values := map[string]string{
		"client": addr(f.Client), "name": "", "node1": "", "node2": "",
		"service": addrPort(f.Service), "service-ip": addr(f.Service.Addr()), "service-port": port(f.Service),
		"backend": addrPort(f.Backend), "backend-ip": addr(f.Backend.Addr()), "backend-port": port(f.Backend),
		"server": addrPort(f.Server), "server-ip": addr(f.Server.Addr()), "service-shown": shown(f.Service),
	}
	if f.Name != "" {
		values["name"] = ShellWord(f.Name)
	}
	if len(f.Nodes) > 1 {
		values["node1"], values["node2"] = addr(f.Nodes[0]), addr(f.Nodes[1])
	}
	var pairs []string
	for name, v := range values {
		pairs = append(pairs, "{"+name+"}", v)
	}
	fill := strings.NewReplacer(pairs...) // in one pass: placeholders in a name are not filled in turn
	var steps []string
next:
	for _, step := range f.NextSteps {
		if f.Recovered != 0 && strings.Contains(step, careful) {
			continue
		}
		for name, v := range values {
			if v == "" && strings.Contains(step, "{"+name+"}") {
				continue next
			}
		}
		steps = append(steps, fill.Replace(step))
	}
	f.NextSteps = steps
	return f
}

func addr(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// addrPort returns an address with its port, the bare address where there is no port (ICMP), "" for the zero value.
func addrPort(a netip.AddrPort) string {
	if !a.IsValid() || a.Port() == 0 {
		return addr(a.Addr())
	}
	if a.Port() == 0 {
		return a.Addr().String()
	}
	return a.String()
}

func port(a netip.AddrPort) string {
	if !a.IsValid() || a.Port() == 0 {
		return ""
	}
	return strconv.Itoa(int(a.Port()))
}

// shown returns what `kubectl get svc` shows of a Service: its NodePort, as that is called at a node's address, or its ClusterIP.
func shown(a netip.AddrPort) string {
	if a.Port() >= 30000 && a.Port() <= 32767 {
		return port(a)
	}
	return addr(a.Addr())
}

// without returns a finding without the next steps that begin with a command: the capture has answered what they ask.
func (f Finding) without(commands ...string) Finding {
	f.NextSteps = slices.DeleteFunc(slices.Clone(f.NextSteps), func(step string) bool {
		return slices.ContainsFunc(commands, func(c string) bool { return strings.HasPrefix(step, c) })
	})
	return f
}
