package report

import (
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

func TestTitle(t *testing.T) {
	place := rules.Place{
		Client: netip.MustParseAddr("10.244.1.5"), Service: netip.MustParseAddrPort("10.96.0.60:80"),
		Backend: netip.MustParseAddrPort("10.244.2.8:8080"), Server: netip.MustParseAddrPort("[fd00::a]:53"),
	}
	objects := &fact.Objects{
		Client: &fact.Object{Kind: "Pod", Namespace: "default", Name: "client"}, Service: &fact.Object{Kind: "Service", Namespace: "default", Name: "empty"},
		Backend: &fact.Object{Kind: "Pod", Namespace: "default", Name: "web-1"}, Server: &fact.Object{Kind: "Service", Namespace: "kube-system", Name: "kube-dns"},
	}
	for _, x := range []struct{ title, want string }{
		{"10.244.2.8:8080 never answers 10.244.1.5", "default/web-1 (10.244.2.8:8080) never answers default/client (10.244.1.5)"},
		{"Service 10.96.0.60:80 has no ready endpoints: the node refuses", "Service default/empty:80 (10.96.0.60) has no ready endpoints: the node refuses"},
		{"packets to 10.96.0.60:80, of 10.244.1.5: 10.244.1.5 hangs", "packets to svc default/empty:80 (10.96.0.60), of default/client (10.244.1.5): 10.244.1.5 hangs"},
		{"[fd00::a]:53 is slow", "svc kube-system/kube-dns:53 (fd00::a) is slow"},
		{"10.244.1.50 and 10.244.2.8:80 are others", "10.244.1.50 and 10.244.2.8:80 are others"},
		{"the pod 10.244.2.8 is", "the pod default/web-1 (10.244.2.8) is"},
	} {
		f := &rules.Finding{Title: x.title, Place: place}
		if got := Title(f); got != x.title {
			t.Errorf("without names: %q", got)
		}
		f.Objects = objects
		if got := Title(f); got != x.want {
			t.Errorf("%q: got %q, want %q", x.title, got, x.want)
		}
	}
}
