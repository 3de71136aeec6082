package text

import "testing"

func TestIsCommand(t *testing.T) {
	for s, want := range map[string]bool{
		"kubectl get pods -A":                           true,
		"ip -d link   # on both nodes":                  true,
		"for f in /sys/class/net/*; do :; done   # why": true,
		"tcpdump -i any -w node1.pcap":                  true,
		"ip addresses that no pod has any more.":        false,
		"ping from both nodes:":                         false,
		"set the CNI's MTU and restart the pods":        false,
		"Kubectl get pods":                              false,
		"":                                              false,
	} {
		if got := isCommand(s); got != want {
			t.Errorf("isCommand(%q) = %v", s, got)
		}
	}
}
