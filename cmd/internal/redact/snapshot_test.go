package redact

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
)

// vocabularyOf are the fields of a snapshot whose texts the API server chooses, and stay.
var vocabularyOf = []string{
	"Owner.Kind", "Workload.Kind", "ContainerState.Kind", "Pod.Phase", "Pod.DNSPolicy", "Pod.Ndots", "Service.Type", "Service.InternalPolicy",
	"Service.ExternalPolicy", "Condition.Type", "Condition.Status", "Expression.Operator", "ContainerPort.Protocol", "ServicePort.Protocol",
	"SlicePort.Protocol", "PolicyPort.Protocol", "Link.Kind", "Link.Hairpin", "Route.Type", "Service.Protocol", "Entry.Protocol", "Entry.State",
}

// TestSnapshotNothingForgotten fills every field of a snapshot and fails where one comes through.
func TestSnapshotNothingForgotten(t *testing.T) {
	var s snapshot.Snapshot
	fillSnapshot(&filler{}, reflect.ValueOf(&s).Elem())
	for i := range s.Pods {
		s.Pods[i].Conditions = []snapshot.Condition{{Type: "Ready", Status: "True", Reason: "acme's"}, {Type: "acme", Status: "True"}}
	}
	r := testRedaction(&fact.Facts{})
	shown := r.Snapshot(&s)
	texts := map[string]bool{}
	addresses := map[string]bool{}
	visit(reflect.ValueOf(s), "", func(where, text string) {
		if !slices.Contains(vocabularyOf, where) {
			texts[text] = true
		}
	}, func(a string) { addresses[a] = true })
	n := 0
	visit(reflect.ValueOf(*shown), "", func(where, text string) {
		n++
		for x := range texts {
			if x != "" && strings.Contains(text, x) && !slices.Contains(vocabularyOf, where) {
				t.Errorf("%s: %q comes through", where, text)
			}
		}
	}, func(a string) {
		if addresses[a] {
			t.Errorf("%s comes through", a)
		}
	})
	if n < 100 {
		t.Errorf("only %d texts were looked at", n)
	}
	for _, c := range shown.Configs {
		if len(c.Data) > 0 {
			t.Errorf("settings come through: %v", c.Data)
		}
	}
	if (*Redaction)(nil).Snapshot(&s) != &s {
		t.Error("without a redaction it is another")
	}
}

// fillSnapshot is filler.fill for maps, too.
func fillSnapshot(f *filler, v reflect.Value) {
	switch {
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key)
			f.fill(value)
			v.SetMapIndex(key, value)
		}
	case v.Kind() == reflect.Struct && strings.HasSuffix(v.Type().PkgPath(), "/snapshot"):
		for i := range v.NumField() {
			fillSnapshot(f, v.Field(i))
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fillSnapshot(f, v.Index(i))
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillSnapshot(f, v.Elem())
	default:
		f.fill(v)
	}
}

// visit shows all texts and addresses of a value.
func visit(v reflect.Value, where string, text func(where, text string), address func(string)) {
	switch x := v.Interface().(type) {
	case netip.Addr:
		address(x.String())
		return
	case netip.AddrPort:
		address(x.Addr().String())
		return
	case netip.Prefix:
		// One in fifty networks stands for itself, because its class stays. What is to be seen is that addresses in it go with it.
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			visit(v.Field(i), v.Type().Name()+"."+v.Type().Field(i).Name, text, address)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), where, text, address)
		}
	case reflect.Map:
		for k, x := range v.Seq2() {
			visit(k, where, text, address)
			visit(x, where, text, address)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			visit(v.Elem(), where, text, address)
		}
	case reflect.String:
		text(where, v.String())
	}
}

// TestSnapshotSelects holds that selectors select what they did, and that names agree with those in DNS.
func TestSnapshotSelects(t *testing.T) {
	r := testRedaction(&fact.Facts{})
	shown := r.Snapshot(&snapshot.Snapshot{
		Pods:     []snapshot.Pod{{Meta: snapshot.Meta{Namespace: "shop", Labels: map[string]string{"app": "web"}}}},
		Services: []snapshot.Service{{Meta: snapshot.Meta{Namespace: "shop", Name: "web"}, Selector: map[string]string{"app": "web"}}},
		Slices:   []snapshot.EndpointSlice{{Meta: snapshot.Meta{Labels: map[string]string{"kubernetes.io/service-name": "web"}}, Service: "web"}},
	})
	for k, v := range shown.Services[0].Selector {
		if shown.Pods[0].Labels[k] != v || k == "app" {
			t.Errorf("%v does not select %v", shown.Services[0].Selector, shown.Pods[0].Labels)
		}
	}
	s := &shown.Services[0]
	if e := &shown.Slices[0]; e.Service != s.Name || e.Labels["kubernetes.io/service-name"] != s.Name {
		t.Errorf("%+v", shown.Slices[0])
	}
	if want := r.Name("web.shop.svc.cluster.local"); want != s.Name+"."+s.Namespace+".svc.cluster.local" {
		t.Errorf("%s is %s/%s", want, s.Namespace, s.Name)
	}
}
