package rules

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// BenchmarkJudge shows that the rules' time grows with the ways, not with their square, whether many things share a few addresses or each has its
// own: a hostile capture is like that. The ledger keeps 16,384 ways at most.
func BenchmarkJudge(b *testing.B) {
	for _, hosts := range []int{1, 16, 400, 1 << 14} {
		for _, things := range []int{1 << 12, 1 << 14} {
			b.Run(fmt.Sprintf("hosts=%d/things=%d", hosts, things), func(b *testing.B) {
				f := worldOf(7, things, hosts)
				for b.Loop() {
					Judge(f)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(things), "ns/thing")
			})
		}
	}
}

// TestIndexes compares what indexes say with what a look at all ways says.
func TestIndexes(t *testing.T) {
	for seed := range uint64(60) {
		f := worldOf(seed, 120, 1+int(seed%9))
		s := newScene(f, DefaultThresholds())
		exists := func(which func(*fact.Reach) bool) bool {
			return slices.ContainsFunc(f.Reach, func(y fact.Reach) bool { return which(&y) })
		}
		complain := func(what string, x *fact.Reach, got, want bool) {
			if got != want {
				t.Errorf("seed %d: %s of %s to %s: %v, want %v", seed, what, x.Client, x.Called, got, want)
			}
		}
		for i := range f.Reach {
			x := &f.Reach[i]
			complain("otherBackendWorks", x, s.otherBackendWorks(x, x.First), exists(func(y *fact.Reach) bool {
				return y.Called == x.Called && y.Outcome == fact.OK && y.Backend.IsValid() && y.Backend != x.Backend && y.Last > x.First
			}))
			complain("neighbourWorks", x, s.neighbourWorks(x), exists(func(y *fact.Reach) bool {
				return y.Outcome == fact.OK && y.Called != x.Called && y.Service.IsValid() && y.Backend.IsValid()
			}))
			complain("onceAmongMany", x, s.onceAmongMany(x), x.Count <= 1 && exists(func(y *fact.Reach) bool {
				return y.Client == x.Client && y.Backend == x.Backend && y.Outcome == fact.OK && y.Count > 1
			}))
			from, to := around(x.First, x.Last, nearBy)
			complain("answersIn", x, s.answersIn(0, x), exists(func(y *fact.Reach) bool {
				return y.Signs&fact.SignAnswered != 0 && y.First <= to && y.Last >= from &&
					slices.ContainsFunc(y.Examples, func(e fact.Connection) bool { return s.captureOf(&e) == 0 })
			}))
			n, _ := s.answersMeanwhile(x)
			if x.Outcome == fact.Hang {
				complain("answersOthers", x, s.answersOthers(x), n > 0)
			}
			complain("isPod", x, s.Cluster.NearPods(x.Backend.Addr()), slices.ContainsFunc(f.Cluster.PodNetworks, func(p netip.Prefix) bool { return p.Contains(x.Backend.Addr()) }))
		}
	}
}

// TestCarriers compares them with a look at each way for each query.
func TestCarriers(t *testing.T) {
	carries := func(x *fact.Reach, client netip.Addr, q *fact.Query) bool {
		if x.Client != client || x.Called != q.Server || q.TCP != (x.Proto == fact.TCP) {
			return false
		}
		if example(x, func(c *fact.Connection) bool { return c.Client == q.Client }) != nil {
			return true
		}
		other := q.Backend.IsValid() && x.Backend.IsValid() && q.Backend != x.Backend && q.Backend != x.Former
		return !other && x.Count > uint64(len(x.Examples))
	}
	yes, no := 0, 0
	for seed := range uint64(40) {
		f := worldOf(seed, 100, 1+int(seed%3))
		over := carriers{}
		for i := range f.Reach {
			over.add(&f.Reach[i])
		}
		for i := range f.Lookups {
			l := &f.Lookups[i]
			queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
				want := slices.ContainsFunc(f.Reach, func(x fact.Reach) bool { return carries(&x, l.Client, q) })
				if got := over.carry(l.Client, q); got != want {
					t.Errorf("seed %d: %s to %s: %v, want %v", seed, q.Client, q.Server, got, want)
				}
				if want {
					yes++
				} else {
					no++
				}
				return true
			})
		}
	}
	if yes == 0 || no == 0 {
		t.Errorf("%d queries went over a connection and %d did not: nothing was compared", yes, no)
	}
}

// TestSameService compares the groups with those that a look at all groups for each backend makes.
func TestSameService(t *testing.T) {
	plain := func(all []ended) (lists [][]ended) {
		var seen []map[netip.AddrPort]bool
		for _, e := range all {
			list, of := []ended{}, e.addresses()
			for i := 0; i < len(lists); {
				shared := false
				for a := range seen[i] {
					shared = shared || of[a]
				}
				if !shared {
					i++
					continue
				}
				for a := range seen[i] {
					of[a] = true
				}
				list = append(lists[i], list...)
				lists, seen = slices.Delete(lists, i, i+1), slices.Delete(seen, i, i+1)
			}
			lists, seen = append(lists, append(list, e)), append(seen, of)
		}
		return lists
	}
	names := func(lists [][]ended) string {
		text := ""
		for _, l := range lists {
			for _, e := range l {
				text += e.cause.key + " "
			}
			text += "| "
		}
		return text
	}
	at := func(i int) netip.AddrPort { return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 80) }
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		var all []ended
		for i := range 1 + r.IntN(12) {
			e := ended{cause: &cause{key: fmt.Sprint(i)}, others: otherCalls{backends: map[netip.AddrPort]bool{}}}
			e.cause.hits = []hit{{reach: &fact.Reach{Called: at(r.IntN(20)), Backend: at(r.IntN(20))}}}
			for range r.IntN(3) {
				e.others.backends[at(r.IntN(20))] = true
			}
			all = append(all, e)
		}
		if got, want := names(sameService(all)), names(plain(all)); got != want {
			t.Fatalf("seed %d: %s, want %s", seed, got, want)
		}
	}
}

func TestLatest(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 3))
		var l latest[int]
		times := map[int]int64{}
		for range r.IntN(8) {
			of, at := r.IntN(4), int64(1+r.IntN(6))
			l.see(of, at)
			times[of] = max(times[of], at)
		}
		for but := range 5 {
			want := int64(0)
			for of, at := range times {
				if of != but {
					want = max(want, at)
				}
			}
			if got, ok := l.besides(but); got != want || ok != (want != 0) {
				t.Fatalf("seed %d: the latest besides %d is %d, want %d", seed, but, got, want)
			}
		}
	}
}

func TestStretches(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 4))
		var s stretches
		var one spans
		var list [][2]int64
		for range r.IntN(8) {
			from := int64(r.IntN(20))
			x := [2]int64{from, from + int64(r.IntN(6))}
			s.add(x[0], x[1])
			list, one = append(list, x), append(one, x)
		}
		s.finish()
		one.finish()
		from := int64(r.IntN(20))
		to := from + int64(r.IntN(5))
		want := 0
		for _, x := range list {
			if x[0] <= to && x[1] >= from {
				want++
			}
		}
		if got := s.touching(from, to); got != want {
			t.Fatalf("seed %d: %d of %v touch %d to %d, want %d", seed, got, list, from, to, want)
		}
		if one.touches(from, to) != (want > 0) {
			t.Fatalf("seed %d: %v and %d to %d", seed, list, from, to)
		}
	}
}

// TestTogether compares with a look at each two.
func TestTogether(t *testing.T) {
	clients := []netip.Addr{alice, bob, pod1.Addr()}
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 5))
		c := &cause{}
		for range 1 + r.IntN(4) {
			first := int64(r.IntN(6))
			c.hits = append(c.hits, hit{reach: &fact.Reach{Client: clients[r.IntN(3)], First: first, Last: first + int64(r.IntN(3))}})
		}
		want := false
		for i, a := range c.hits {
			for _, b := range c.hits[:i] {
				want = want || a.reach.Client != b.reach.Client && a.reach.First < b.reach.Last && b.reach.First < a.reach.Last
			}
		}
		if together(c) != want {
			t.Fatalf("seed %d: want %v", seed, want)
		}
	}
}
