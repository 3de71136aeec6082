package rules

import (
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// TestNoteSaysWhatTheFrameShows: the leg of a mark is what its frame shows, whichever leg was seen first.
func TestNoteSaysWhatTheFrameShows(t *testing.T) {
	p := netip.MustParseAddrPort
	client, service, backend, masked := p("10.244.1.5:40000"), p("10.96.0.50:80"), p("10.244.2.8:8080"), p("192.168.1.10:20000")
	c := &fact.Connection{
		Proto: fact.TCP, Client: client, Called: service, Service: service, Backend: backend,
		Legs: []fact.Leg{{Src: client, Dst: service}, {Src: client, Dst: backend}, {Src: masked, Dst: backend}, {Src: masked, Dst: service}},
	}
	for _, x := range []struct {
		kind fact.MarkKind
		flow fact.Direction
		leg  int
		want string
	}{
		{fact.MarkTranslated, fact.ToServer, 0, "as the client sent it, to 10.96.0.50:80"},
		{fact.MarkTranslated, fact.ToServer, 1, "translated to 10.244.2.8:8080"},
		{fact.MarkTranslated, fact.ToServer, 2, "translated to 10.244.2.8:8080, and its source to 192.168.1.10:20000"},
		{fact.MarkTranslated, fact.ToServer, 3, "source translated to 192.168.1.10:20000"},
		{fact.MarkTranslated, fact.ToClient, 1, "reply of 10.244.2.8:8080, not translated back yet"},
		{fact.MarkTranslated, fact.ToClient, 3, "reply to the translated source 192.168.1.10:20000"},
		{fact.MarkTranslated, fact.ToServer, -1, "translated"},
		{fact.MarkUntranslated, fact.ToClient, 1, "reply reaches the client with source 10.244.2.8:8080"},
		{fact.MarkSYN, fact.ToServer, 1, "SYN of 10.244.1.5:40000 to 10.244.2.8:8080"},
	} {
		if got := note(c, fact.Mark{Kind: x.kind, Flow: x.flow, Leg: x.leg}); got != x.want {
			t.Errorf("%v on leg %d: %q, want %q", x.kind, x.leg, got, x.want)
		}
	}
	echo := &fact.Connection{Proto: fact.ICMP, Client: p("10.244.1.5:7"), Called: p("10.244.2.8:7"), Backend: p("10.244.2.8:7")}
	if got := note(echo, fact.Mark{Kind: fact.MarkQuery}); got != "echo request to 10.244.2.8" {
		t.Errorf("the identifier of an echo is no port: %q", got)
	}
	if got := placeOf(echo).Backend; addrPort(got) != "10.244.2.8" {
		t.Errorf("the identifier of an echo is no port: %v", got)
	}
}
