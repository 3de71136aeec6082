package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// about returns findings of a rule about causes.
func about(rule string, keys ...string) []Finding {
	list := make([]Finding, len(keys))
	for i, key := range keys {
		list[i] = Finding{Rule: rule, key: key}
	}
	identify(list)
	return list
}

// TestIdentify: an id has four digits as long as no other finding would have the same, and all that would get more.
func TestIdentify(t *testing.T) {
	const rule = "svc-no-endpoints"
	one, other, none := "10.96.3.26:80", "10.96.8.1:80", "10.96.0.60:80"
	alone := [...]string{about(rule, one)[0].ID, about(rule, other)[0].ID, about(rule, none)[0].ID}
	if alone[0] != rule+":b3c9" || alone[1] != alone[0] || alone[2] == alone[0] {
		t.Fatalf("alone: %q", alone)
	}
	both := about(rule, one, none, other)
	if both[1].ID != alone[2] {
		t.Errorf("%s shares its id with nobody and has another: %s", none, both[1].ID)
	}
	for _, f := range []Finding{both[0], both[2]} {
		if !strings.HasPrefix(f.ID, rule+":b3c9") || len(f.ID) != len(rule)+1+8 {
			t.Errorf("%s: %s", f.key, f.ID)
		}
	}
	if both[0].ID == both[2].ID {
		t.Errorf("both are %s", both[0].ID)
	}
}

// TestIdentifyMany: of thousands of findings no two have the same id, in any order, and one that shares its four digits
// with none keeps them.
func TestIdentifyMany(t *testing.T) {
	const n = 20000
	random := rand.New(rand.NewPCG(1, 2))
	keys := make([]string, n)
	short := map[string]int{} // how many have an id when alone
	for i := range keys {
		keys[i] = fmt.Sprint(i)
		short[about("r", keys[i])[0].ID]++
	}
	first := map[string]string{}
	for range 3 {
		random.Shuffle(n, func(i, k int) { keys[i], keys[k] = keys[k], keys[i] })
		seen := map[string]bool{}
		for _, f := range about("r", keys...) {
			if seen[f.ID] {
				t.Fatalf("%s twice", f.ID)
			}
			seen[f.ID] = true
			if id, known := first[f.key]; known && id != f.ID {
				t.Fatalf("%s is %s or %s, as the order of the findings has it", f.key, id, f.ID)
			}
			first[f.key] = f.ID
			if alone := about("r", f.key)[0]; (alone.ID == f.ID) != (short[alone.ID] == 1) || !strings.HasPrefix(f.ID, alone.ID) || !alone.Is(f.ID) {
				t.Fatalf("%s is %s, and alone %s, which %d have", f.key, f.ID, alone.ID, short[alone.ID])
			}
		}
	}
}

// TestIdentifySame: findings that differ only outside of their key have ids of their own, and so have those of one cause.
func TestIdentifySame(t *testing.T) {
	list := []Finding{{Rule: "r", key: "k", apart: "a"}, {Rule: "r", key: "k", apart: "b"}, {Rule: "r", key: "l"}, {Rule: "r", key: "l"}}
	identify(list)
	var ids []string
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != len(list) {
		t.Errorf("%q", ids)
	}
	if len(list[0].ID) != len("r:")+8 {
		t.Errorf("%s: eight digits would do", list[0].ID)
	}
}

// TestLonger: a longer id of a finding is the finding's, and that of no other.
func TestLonger(t *testing.T) {
	list := about("svc-no-endpoints", "10.96.3.26:80")
	other := about("svc-no-endpoints", "10.96.8.1:80")[0]
	f := list[0]
	for digits := fewest; digits <= most; digits *= 2 {
		if len(f.ID) != len("svc-no-endpoints:")+digits || !list[0].Is(f.ID) || digits > fewest && other.Is(f.ID) {
			t.Errorf("%d digits: %s", digits, f.ID)
		}
		f.ID = f.Longer()
	}
	if f.ID = f.Longer(); len(f.ID) != len("svc-no-endpoints:")+most {
		t.Errorf("longest: %s", f.ID)
	}
	if list[0].Is("svc-no-endpoints:b3") || list[0].Is("svc-no-endpoints") || list[0].Is(list[0].ID+"00000000") {
		t.Error("it is called what it is not")
	}
}
