package report_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
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

// changing finds the commands that change what they are run on.
var changing = regexp.MustCompile(`conntrack (-[DFIU]|--delete|--flush)|sysctl (-\S*w|\S+=)|tables (-t \S+ )?-[ADFIPRX]|nft (add|delete|flush|insert)|` +
	`ip (-\d )?(addr|link|neigh|route|rule)\S* (add|change|del|flush|replace|set)|bridge fdb (add|del|replace)|tc \w+ (add|del|change|replace)|ethtool -[ACEFGKLNPUWX]\b|` +
	`kubectl( -n \S+)? (annotate|apply|create|delete|drain|edit|label|patch|replace|rollout|scale|set)|systemctl (restart|stop|start)|ipset (add|del|flush)`)

// TestStepsCanBePasted: every step of a rule is one line of commands, or a sentence. A shell takes what is pasted as it stands.
func TestStepsCanBePasted(t *testing.T) {
	for _, r := range rules.Catalogue() {
		for _, step := range r.NextSteps {
			command, why := report.Step(step)
			if command == "" {
				continue
			}
			if strings.ContainsAny(command, "<>\n") || strings.Count(command, "'")%2 != 0 || strings.Contains(command, "...") {
				t.Errorf("%s: a shell would not take %q for what it means", r.ID, command)
			}
			for _, part := range regexp.MustCompile(` ; | \| `).Split(regexp.MustCompile(`'[^']*'`).ReplaceAllString(command, "X"), -1) {
				if !report.IsCommand(part) {
					t.Errorf("%s: %q does not begin with a program that next steps call", r.ID, part)
				}
			}
			if strings.HasPrefix(why, "CAREFUL: ") != changing.MatchString(command) {
				t.Errorf("%s: a step that changes something says so first, and no other: %q", r.ID, step)
			}
			if strings.Contains(command, "conntrack -D") && !strings.Contains(command, "--reply-src {backend-ip}") {
				t.Errorf("%s: %q deletes the connections of all backends", r.ID, command)
			}
			if strings.Contains(command, "grep -wF {service") && !strings.Contains(command, "kubectl get svc") {
				t.Errorf("%s: only Services are listed by their address: %q", r.ID, command)
			}
		}
		if steps := strings.Join(r.NextSteps, "\n"); strings.Contains(steps, "kubectl exec") && !strings.Contains(steps, "kubectl debug") {
			t.Errorf("%s: an image may have no program to run", r.ID)
		}
	}
}
