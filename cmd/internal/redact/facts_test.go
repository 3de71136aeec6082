package redact

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/capture"
)

// harmless are the fields of facts whose texts are netsift's own words, or those of a protocol, and stay.
var harmless = []string{
	"Capture.Format", "Capture.LinkTypes", "Capture.Error", "Damage.What", "Address.Because",
	"Lookup.Resolver", "Lookup.ResolverWhy", "Candidate.Types", "Candidate.Rcode", "Query.Type", "Query.Rcode", "Upstream.Type", "Upstream.Rcode",
	"Object.Kind",
}

// filler fills values of any type, each field with a different value.
type filler struct{ n int }

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch x := v.Addr().Interface().(type) {
	case *netip.Addr:
		*x = netip.AddrFrom4([4]byte{10, 20, byte(f.n >> 8), byte(f.n)})
		return
	case *netip.AddrPort:
		*x = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 30, byte(f.n >> 8), byte(f.n)}), uint16(f.n))
		return
	case *netip.Prefix:
		*x = netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(50 + f.n%100), byte(f.n), 0}), 24)
		return
	case *fact.MAC:
		*x = fact.MAC(0x0a5800000000 + f.n)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				f.fill(v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("acme%04d", f.n)) // as long as the others: none is part of another
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.n % 100))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(f.n % 100))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(f.n))
	default:
		panic(v.Kind().String() + " is not known here: what of it has to be redacted?")
	}
}

// filled returns a value of which every field is set, the same in each call.
func filled[T any]() *T {
	v := new(T)
	(&filler{}).fill(reflect.ValueOf(v).Elem())
	return v
}

// compare complains of all that is in both a value and its redacted copy and should not be, and of what should be and is not.
func compare(t *testing.T, where string, is, shown reflect.Value) {
	t.Helper()
	switch x := is.Interface().(type) {
	case netip.Addr:
		if shown.Interface() == x {
			t.Errorf("%s: the address stays", where)
		}
		return
	case netip.AddrPort:
		if y := shown.Interface().(netip.AddrPort); y.Addr() == x.Addr() || y.Port() != x.Port() {
			t.Errorf("%s: %v becomes %v", where, x, y)
		}
		return
	case netip.Prefix:
		if y := shown.Interface().(netip.Prefix); y.Addr() == x.Addr() || y.Bits() != x.Bits() {
			t.Errorf("%s: %v becomes %v", where, x, y)
		}
		return
	case fact.MAC:
		if shown.Interface() == x {
			t.Errorf("%s: the address stays", where)
		}
		return
	}
	switch is.Kind() {
	case reflect.Struct:
		for i := range is.NumField() {
			if f := is.Type().Field(i); f.IsExported() {
				compare(t, is.Type().Name()+"."+f.Name, is.Field(i), shown.Field(i))
			}
		}
	case reflect.Pointer:
		if is.IsNil() || shown.IsNil() {
			t.Errorf("%s: nil", where)
			return
		}
		if is.Pointer() == shown.Pointer() {
			t.Errorf("%s: both point at the same", where)
		}
		compare(t, where, is.Elem(), shown.Elem())
	case reflect.Slice:
		if is.Len() != shown.Len() {
			t.Errorf("%s: %d became %d", where, is.Len(), shown.Len())
			return
		}
		if is.Pointer() == shown.Pointer() {
			t.Errorf("%s: both share a list", where)
		}
		fallthrough
	case reflect.Array:
		for i := range is.Len() {
			compare(t, where, is.Index(i), shown.Index(i))
		}
	case reflect.String:
		if same := strings.Contains(shown.String(), is.String()); same != slices.Contains(harmless, where) {
			t.Errorf("%s: %q becomes %q; is it harmless?", where, is, shown)
		}
	default:
		if is.Interface() != shown.Interface() {
			t.Errorf("%s: %v becomes %v", where, is, shown)
		}
	}
}

// testRedaction knows the captures that filled makes.
func testRedaction(f *fact.Facts) *Redaction {
	var sources []Source
	for i := range f.Captures {
		sources = append(sources, Source{File: f.Captures[i].File, Label: fmt.Sprintf("label%d", i), Node: f.Captures[i].Node})
	}
	return New(NewKey([]byte("a secret of some length")), sources)
}

// TestNothingForgotten holds that each field that can hold an address or a name is redacted, new ones too.
func TestNothingForgotten(t *testing.T) {
	f := filled[fact.Facts]()
	slices.SortFunc(f.Addresses, func(a, b fact.Address) int { return a.Addr.Compare(b.Addr) })
	r := testRedaction(f)
	shown := r.Facts(f)
	for _, a := range shown.Addresses { // in order of what they became
		if !slices.ContainsFunc(f.Addresses, func(x fact.Address) bool { return r.Addr(x.Addr) == a.Addr && x.First == a.First }) {
			t.Errorf("%v is nobody's", a.Addr)
		}
	}
	slices.SortFunc(shown.Addresses, func(a, b fact.Address) int { return int(a.First - b.First) })
	compare(t, "Facts", reflect.ValueOf(*f), reflect.ValueOf(*shown))
	l, c, w := filled[fact.Lookup](), filled[fact.Connection](), filled[fact.Walk]()
	compare(t, "Lookup", reflect.ValueOf(*l), reflect.ValueOf(*r.Lookup(l)))
	compare(t, "Connection", reflect.ValueOf(*c), reflect.ValueOf(*r.Connection(c)))
	compare(t, "Walk", reflect.ValueOf(*w), reflect.ValueOf(*r.Walk(w)))
	if diff := cmp.Diff(filled[fact.Facts](), f, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}, netip.Prefix{}),
		cmpopts.SortSlices(func(a, b fact.Address) bool { return a.Addr.Less(b.Addr) })); diff != "" {
		t.Errorf("redacting changed the original:\n%s", diff)
	}
	if *l.Upstream != *filled[fact.Lookup]().Upstream {
		t.Error("redacting changed the original")
	}
	if diff := cmp.Diff(filled[fact.Walk](), w, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})); diff != "" {
		t.Errorf("redacting changed the original:\n%s", diff)
	}
}

// TestNothingThere holds that what is not there does not come into being.
func TestNothingThere(t *testing.T) {
	r := testRedaction(&fact.Facts{})
	if diff := cmp.Diff(&fact.Facts{Captures: []fact.Capture{}}, r.Facts(&fact.Facts{}), cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}, netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&fact.Lookup{}, r.Lookup(&fact.Lookup{}), cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}, netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&fact.Walk{}, r.Walk(&fact.Walk{}), cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})); diff != "" {
		t.Error(diff)
	}
	if r.Facts(nil) != nil || r.Lookup(nil) != nil || r.Connection(nil) != nil || r.Walk(nil) != nil {
		t.Error("something of nothing")
	}
}

func TestLabels(t *testing.T) {
	r := New(NewKey([]byte("a secret of some length")), []Source{
		{File: "/srv/acme/west.pcap.gz", Label: "west"},
		{File: "-", Label: "stdin"},
		{File: "east.secret", Label: "east", Node: "z-node"},
		{File: "a.pcapng.zst", Label: "a:b"},
	})
	if diff := cmp.Diff([]string{"capture4.pcap.gz", "-", "capture2.pcap", "capture1.pcapng.zst"}, r.Files()); diff != "" {
		t.Error(diff)
	}
	for is, want := range map[string]string{"west:57": "capture4:57", "a:b:9": "capture1:9", "stdin:1": "capture3:1"} {
		if got := r.ID(is); got != want || r.Original(got) != is {
			t.Errorf("%s becomes %s and %s again", is, got, r.Original(got))
		}
	}
	for is, want := range map[string]string{"": "", "west": "node3", "a:b": "node1", "stdin": "node2", "z-node": "node4"} {
		if got := r.node(is); got != want {
			t.Errorf("node %s becomes %s, want %s", is, got, want)
		}
	}
	var many []Source
	for i := range 12 {
		many = append(many, Source{File: "x", Label: fmt.Sprintf("l%02d", i)})
	}
	if r = New(r.key, many); r.ID("l00:1") != "capture01:1" || r.ID("l11:1") != "capture12:1" {
		t.Error("the order of labels is lost")
	}
	why := "open /srv/acme/west.pcap: too many open files"
	c := fact.Capture{File: "/srv/acme/west.pcap", Error: why, Damage: []capture.Damage{{What: why}}}
	if x := New(r.key, []Source{{File: c.File, Label: "west"}}).Capture(0, &c); x.Error != "can't be read" || x.Damage[0].What != x.Error {
		t.Errorf("%+v", x)
	}
}

func TestInterfaceNames(t *testing.T) {
	r := testRedaction(&fact.Facts{})
	for _, name := range []string{"", "lo", "any", "eth0", "ens5", "enp0s3", "eno1np0", "bond0.100", "cni0", "flannel.1", "vxlan.calico", "cilium_host", "genev_sys_6081", "tunl0", "kube-ipvs0", "docker0", "veth0"} {
		if got := r.InterfaceName(name); got != name {
			t.Errorf("%s becomes %s", name, got)
		}
	}
	for name, kind := range map[string]string{"veth3a4b5c6": "veth", "cali12345678901": "cali", "lxc_health1": "lxc", "br-0a1b2c3d4e5f": "br-", "acme-dmz": "if-", "enx00112233aabb": "if-"} {
		got := r.InterfaceName(name)
		if !strings.HasPrefix(got, kind) || strings.Contains(got, name[len(kind):]) || len(got) > 15 || got != r.InterfaceName(name) {
			t.Errorf("%s becomes %s", name, got)
		}
	}
	pod := fact.InterfaceRole{Kind: fact.Veth, Pod: netip.MustParseAddr("10.244.1.5")}
	if got := r.role(pod); got.Kind != fact.Veth || got.Pod != r.Addr(pod.Pod) {
		t.Errorf("%v becomes %v", pod, got)
	}
	if bridge := (fact.InterfaceRole{Kind: fact.Bridge}); r.role(bridge) != bridge {
		t.Errorf("%v becomes %v", bridge, r.role(bridge))
	}
}
