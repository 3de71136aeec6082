package rules

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// debugPod, and debugClient and debugBackend where it is clear which pod is meant, begin the steps that bring their programs with them into
// a pod: an image may have no shell, no ss, no dig (distroless).
// The container shares the pod's network, and its /etc/resolv.conf
// (https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/#ephemeral-container).
const (
	debugPod     = "kubectl debug -it -n NAMESPACE POD --image=nicolaka/netshoot --target=CONTAINER -- "
	debugClient  = "kubectl debug -it -n {client-pod} --image=nicolaka/netshoot --target={client-container} -- "
	debugBackend = "kubectl debug -it -n {backend-pod} --image=nicolaka/netshoot --target={backend-container} -- "
)

// asksName ends a step that only asks what a Service is called.
const asksName = "its NAMESPACE and NAME, for the next step"

// careful begins the warning of a step that changes what it is run on.
const careful = "# CAREFUL: "

// fill puts the addresses of this capture into the commands of the next steps, so that they can be run as they stand, and
// leaves out those of which an address is not known, and where the traffic works again those that change something: they would end
// connections that are well. Names come from packets, and next steps are pasted into shells: a name is quoted.
func (f Finding) fill() Finding {
	f.steps = f.NextSteps
	f.FillNames()
	return f
}

// FillNames fills the next steps again once Objects are known: with the names that a shell and kubectl take as they are. They come from
// others, so that only what can be an object's name (RFC 1123) is filled in.
func (f *Finding) FillNames() {
	if f.steps == nil {
		return
	}
	var steps []string
	for _, step := range f.steps {
		if f.Recovered != 0 && strings.Contains(step, careful) {
			continue
		}
		if text, ok := f.filled(step); ok {
			steps = append(steps, text)
		}
	}
	f.NextSteps = steps
}

// filled returns a step with its placeholders filled, false if one of them is of what is not known. What is put in is not looked at again:
// placeholders in a name are not filled in turn.
func (f *Finding) filled(step string) (string, bool) {
	if strings.HasSuffix(step, asksName) && f.namedService() != nil {
		return "", false
	}
	if !strings.Contains(step, "{") {
		return step, true
	}
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(step, "{")
		out.WriteString(before)
		if !ok {
			return out.String(), true
		}
		name, after, _ := strings.Cut(rest, "}")
		v, known := f.value(name)
		switch {
		case !known: // braces of the command's own
			out.WriteByte('{')
			step = rest
		case v == "":
			return "", false
		default:
			out.WriteString(v)
			step = after
		}
	}
}

// value returns what a placeholder stands for, "" for what is not known, and whether it is one.
func (f *Finding) value(placeholder string) (string, bool) {
	switch placeholder {
	case "client":
		return addr(f.Client), true
	case "name":
		if f.Name == "" {
			return "", true
		}
		return ShellWord(f.Name), true
	case "node1", "node2":
		if len(f.Nodes) < 2 {
			return "", true
		}
		return addr(f.Nodes[placeholder[len("node")]-'1']), true
	case "service":
		return addrPort(f.Service), true
	case "service-ip":
		return addr(f.Service.Addr()), true
	case "service-port":
		return port(f.Service), true
	case "service-shown":
		return shown(f.Service), true
	case "backend":
		return addrPort(f.Backend), true
	case "backend-ip":
		return addr(f.Backend.Addr()), true
	case "backend-port":
		return port(f.Backend), true
	case "client-pod", "client-container", "backend-pod", "backend-container", "service-namespace", "service-name":
		return f.objectName(placeholder), true
	case "server":
		return addrPort(f.Server), true
	case "server-ip":
		return addr(f.Server.Addr()), true
	}
	return "", false
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
