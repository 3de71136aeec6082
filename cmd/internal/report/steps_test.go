package report_test

import (
	"testing"

	"github.com/netsift/netsift/cmd/internal/report"
)

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
		if got := report.IsCommand(s); got != want {
			t.Errorf("IsCommand(%q) = %v", s, got)
		}
	}
}
