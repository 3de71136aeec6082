package policy

import (
	"net/netip"

	"github.com/netsift/netsift/rules"
)

// finding is the value that expressions over findings see.
type finding struct {
	ID        string `expr:"id" doc:"rule and a hash of the cause"`
	Rule      string `expr:"rule" doc:"id of the rule"`
	Layer     string `expr:"layer" doc:"dns, service, cni, app or capture"`
	Severity  string `expr:"severity" doc:"info, warning or critical"`
	Certainty string `expr:"certainty" doc:"shown, inferred or possible"`
	Title     string `expr:"title" doc:"its line"`

	Client  endpoint `expr:"client" doc:"who is affected most"`
	Service endpoint `expr:"service" doc:"the Service that was called, of the most affected place"`
	Backend endpoint `expr:"backend" doc:"the backend of the most affected place"`
	Server  endpoint `expr:"server" doc:"the DNS server of the most affected place"`
	Name    string   `expr:"name" doc:"the DNS name of the most affected place"`

	Count         int        `expr:"count" doc:"how many connections or lookups it hit"`
	Affected      []affected `expr:"affected" doc:"the places, most affected first, at most 100"`
	AffectedTotal int        `expr:"affected_total" doc:"how many places there are"`
	Nodes         []string   `expr:"nodes" doc:"node addresses: both ends of a tunnel or of an MTU problem"`

	First     string  `expr:"first" doc:"time of its first sign"`
	Duration  float64 `expr:"duration_s" doc:"seconds from its first sign to its last"`
	Recovered bool    `expr:"recovered" doc:"the same traffic was seen to work again"`
}

// affected is a place that a finding hit.
type affected struct {
	Client  endpoint `expr:"client" doc:"who started the connection or asked"`
	Service endpoint `expr:"service" doc:"the Service that was called"`
	Backend endpoint `expr:"backend" doc:"where it was translated to"`
	Server  endpoint `expr:"server" doc:"the DNS server"`
	Name    string   `expr:"name" doc:"the DNS name"`
	Count   int      `expr:"count" doc:"how often it was hit"`
}

func newFinding(f *rules.Finding) finding {
	x := finding{
		ID: f.ID, Rule: f.Rule, Layer: string(f.Layer), Severity: f.Severity.String(), Certainty: string(f.Certainty), Title: f.Title,
		Client: newHost(f.Client), Service: newEndpoint(f.Service), Backend: newEndpoint(f.Backend), Server: newEndpoint(f.Server), Name: f.Name,
		Count: int(f.Count), AffectedTotal: f.AffectedTotal, Nodes: each(f.Nodes, netip.Addr.String),
		First: clock(f.First), Duration: seconds(f.First, f.Last), Recovered: f.Recovered != 0,
	}
	for i := range f.Affected {
		a := &f.Affected[i]
		x.Affected = append(x.Affected, affected{
			newHost(a.Client), newEndpoint(a.Service), newEndpoint(a.Backend), newEndpoint(a.Server), a.Name, int(a.Count),
		})
	}
	return x
}
