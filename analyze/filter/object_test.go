package filter

import (
	"errors"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// named is a connection whose parties a snapshot knows.
var named = fact.Connection{
	Proto: fact.TCP, Legs: translated.Legs,
	Objects: &fact.Objects{
		Client:  &fact.Object{Kind: "Pod", Namespace: "shop", Name: "cart-0", Owner: "StatefulSet/cart", Node: "node1"},
		Service: &fact.Object{Kind: "Service", Namespace: "default", Name: "web"},
		Backend: &fact.Object{Kind: "Pod", Namespace: "default", Name: "web-7d9c-x2", Owner: "Deployment/web", Node: "node2"},
	},
}

// hosted is one of a node to a pod that nothing is known of.
var hosted = fact.Connection{Proto: fact.TCP, Objects: &fact.Objects{Client: &fact.Object{Kind: "Node", Name: "node1"}}}

var asked = fact.Lookup{
	Client: port("10.244.1.5:1").Addr(), Server: port("10.96.0.10:53"),
	Objects: &fact.Objects{
		Client: &fact.Object{Kind: "Pod", Namespace: "shop", Name: "cart-0", Node: "node1"},
		Server: &fact.Object{Kind: "Service", Namespace: "kube-system", Name: "kube-dns"},
	},
}

func TestNames(t *testing.T) {
	const na, ho, tr, as = 1, 2, 4, 8 // named, hosted, translated (of which no names are known), asked
	for _, c := range []struct {
		filter string
		want   int
	}{
		{"pod shop/cart-0", na | as},
		{"pod cart-0", na | as},
		{"pod default/cart-0", 0},
		{"pod cart", 0},
		{"POD shop/cart-0", na | as},
		{"svc web", na},
		{"service default/web", na},
		{"pod default/web", 0},
		{"svc kube-system/kube-dns", as},
		{"ns shop", na | as},
		{"namespace default", na},
		{"node node1", na | ho | as},
		{"node node2", na},
		{"sts shop/cart", na},
		{"deploy web", na},
		{"deploy shop/web", 0},
		{"ds web", 0},
		{"src ns shop", na | as},
		{"dst ns shop", 0},
		{"dst ns default", na},
		{"src or dst node node2", na},
		{"src and dst ns shop", 0},
		{"not ns shop", ho | tr},
		{"ns shop and not svc web", as},
		{"pod shop/cart-0 and port 80", na},
		{"port 53 or svc web", na | as},
		{"pod web-7d9c-x2 or nobody", na},
		{"pod (nobody or cart-0)", na | as},
		{"udp port 53 and ns shop", as},
	} {
		f, err := Parse(c.filter)
		if err != nil {
			t.Errorf("%q: %v", c.filter, err)
			continue
		}
		got := 0
		for i, conn := range []*fact.Connection{&named, &hosted, &translated} {
			if f.Connection(conn) {
				got |= 1 << i
			}
		}
		if f.Lookup(&asked) {
			got |= as
		}
		if got != c.want {
			t.Errorf("%q matches %04b, want %04b", c.filter, got, c.want)
		}
	}
}

func TestNamesAskedFor(t *testing.T) {
	f, err := Parse("tcp and (pod shop/cart-0 or web-1) and not node n1")
	if err != nil {
		t.Fatal(err)
	}
	want := []Name{{"Pod", "shop", "cart-0", 14}, {"Pod", "", "web-1", 29}, {"Node", "", "n1", 49}}
	if got := f.Names(); len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestNamesErrors(t *testing.T) {
	for _, c := range []struct {
		filter string
		column int // 0: the end
		what   string
	}{
		{"pod", 0, "object or protocol expected"},
		{"pod and tcp", 9, "and, or"}, // a pod may be called and
		{"tcp pod web", 5, "goes before no object"},
		{"node a/b", 6, "in no namespace"},
		{"ns a/b", 4, "in no namespace"},
		{"pod a/b/c", 5, "NAMESPACE/NAME"},
		{"pod a/", 5, "NAMESPACE/NAME"},
		{"pod /a", 5, "NAMESPACE/NAME"},
		{"pod -a", 5, "NAMESPACE/NAME"},
		{"svc wéb", 5, "NAMESPACE/NAME"},
		{"svc " + strings.Repeat("a", 254), 5, "NAMESPACE/NAME"},
	} {
		_, err := Parse(c.filter)
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("%q: %v, want %q", c.filter, err, c.what)
			continue
		}
		if wrong.Column != c.column || !strings.Contains(wrong.What, c.what) {
			t.Errorf("%q: at %d %v, want at %d %q", c.filter, wrong.Column, wrong, c.column, c.what)
		}
	}
}
