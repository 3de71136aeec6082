package score

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// unordered are the cases that can't be told in another order: two clocks can only be compared once they have been
// set right, and such an estimate rests on the order. That a datagram wants no answer is only known when none has come for some seconds. On a bridge
// alone a question and its answer share no address of a server.
var unordered = map[string]bool{
	"clocks-apart": true, "clocks-drift": true, "clocks-far-apart": true, "ct-stale-udp-oneway": true, "ct-stale-udp-still-endpoint": true,
	"form-bridge": true,
}

// TestOrder: facts do not depend on the order in which connections come that share no packet. The connections of each case are played
// one after the other in their own order, in the reverse order, and both with so much time between them that each has been
// concluded when the next begins. Clients, Services, backends and outcomes have to be the same, and so do the roles of addresses and
// interfaces.
func TestOrder(t *testing.T) {
	tried := 0
	for _, c := range cases.Some(testing.Short()) {
		if unordered[c.Name] {
			continue
		}
		files := c.Play().Files()
		s := split(t, files)
		if s.groups() < 2 {
			continue
		}
		tried++
		want := known(t, s.played(t, files, false, 0))
		for _, try := range []struct {
			name    string
			reverse bool
			pause   time.Duration
		}{
			{"reversed", true, 0},
			{"far apart", false, pause},
			{"far apart and reversed", true, pause},
		} {
			if got := known(t, s.played(t, files, try.reverse, try.pause)); got != want {
				t.Run(c.Name+"/"+try.name, func(t *testing.T) { t.Error(difference(want, got)) })
			}
		}
	}
	if tried < 70 && !testing.Short() {
		t.Errorf("tried on %d cases: the test is too small", tried)
	}
}

const (
	// near is the time between two connections, pause is a long one: a SYN without an answer is waited with for two minutes, and a
	// UDP flow is remembered for three.
	near, pause = 10 * time.Millisecond, 200 * time.Second
)

// piece is a frame and where it belongs.
type piece struct {
	// group is 0 for a frame of no connection, else the connection's number.
	group  int
	number uint64
	time   int64
}

// pieces are the frames of each capture, in their order.
type pieces [][]piece

// tuple is one direction of a connection at one stretch of its path.
type tuple struct {
	src, dst         wire.Addr
	srcPort, dstPort uint16
	proto            uint8
}

func tupleOf(p *decode.Packet) tuple { return tuple{p.Src, p.Dst, p.SrcPort, p.DstPort, p.Proto} }

func (x tuple) mirror() tuple { return tuple{x.dst, x.src, x.dstPort, x.srcPort, x.proto} }

// split finds the connection of each frame. An ICMP error goes with the connection that it quotes, and a later
// fragment with the frame before it.
func split(t *testing.T, files []cases.File) pieces {
	t.Helper()
	inputs := inputsOf(files)
	var ids []string
	if _, err := analyze.Run(t.Context(), inputs, analyze.Config{
		Jobs: 1, Connection: func(c *fact.Connection) { ids = append(ids, c.ID) },
	}); err != nil {
		t.Fatal(err)
	}
	all := make(pieces, len(files))
	d := decode.New(decode.Options{}, decode.NewStacks())
	latest := map[tuple]int{}
	group := 0
	_, err := analyze.Run(t.Context(), inputs, analyze.Config{
		Jobs: 1, Watch: ids, Sighting: func(s *join.Sighting) { group = s.Connection + 1 },
		Frame: func(f *analyze.Frame, _ bool) {
			var quote decode.Packet
			list := &all[f.Capture]
			switch {
			case group != 0:
				latest[tupleOf(f.Packet)], latest[tupleOf(f.Packet).mirror()] = group, group
			case d.Quote(f.Packet, f.Data, &quote):
				group = latest[tupleOf(&quote)]
			case f.Packet.FragOffset != 0 && len(*list) > 0:
				group = (*list)[len(*list)-1].group
			case f.Packet.Has&decode.HasPorts != 0:
				t.Errorf("frame %d of %s has ports and is of no connection", f.Number, files[f.Capture].Name)
			}
			*list = append(*list, piece{group, f.Number, f.Time})
			group = 0
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// inputsOf are the captures as streams, whose clocks are not estimated: such an estimate depends on how far apart the packets are.
func inputsOf(files []cases.File) []analyze.Input {
	inputs := Inputs(files)
	for i := range inputs {
		inputs[i].Stream = true
	}
	return inputs
}

// span is from when to when a group was seen.
type span struct{ first, last int64 }

func (s pieces) spans() map[int]span {
	spans := map[int]span{}
	for _, list := range s {
		for _, p := range list {
			x, ok := spans[p.group]
			if !ok {
				x = span{p.time, p.time}
			}
			spans[p.group] = span{min(x.first, p.time), max(x.last, p.time)}
		}
	}
	return spans
}

// groups counts the connections.
func (s pieces) groups() int {
	n := len(s.spans())
	if _, ok := s.spans()[0]; ok {
		n--
	}
	return n
}

// played are the files with the connections one after the other. Frames of none come first. Within a connection nothing changes.
func (s pieces) played(t *testing.T, files []cases.File, reverse bool, pause time.Duration) []cases.File {
	t.Helper()
	spans := s.spans()
	order := slices.SortedFunc(maps.Keys(spans), func(a, b int) int {
		if a == 0 || b == 0 {
			return cmp.Compare(a, b)
		}
		by := cmp.Or(cmp.Compare(spans[a].first, spans[b].first), cmp.Compare(a, b))
		if reverse {
			return -by
		}
		return by
	})
	now := int64(1e18) // in 2001: every order begins then
	later := map[int]int64{}
	for _, g := range order {
		x := spans[g]
		later[g] = (now - x.first) / 1000 * 1000
		now += x.last - x.first + int64(near) + int64(pause)
	}
	played := slices.Clone(files)
	for i := range files {
		tape := newTape(t, files[i].Data)
		if len(tape.records) != len(s[i]) {
			t.Fatalf("%s has %d records, and %d frames were read", files[i].Name, len(tape.records), len(s[i]))
		}
		list := slices.Clone(s[i])
		slices.SortStableFunc(list, func(a, b piece) int { return cmp.Compare(a.time+later[a.group], b.time+later[b.group]) })
		var records [][]byte
		for _, p := range list {
			records = append(records, tape.stamped(tape.records[p.number-1], p.time, later[p.group]))
		}
		played[i].Data = tape.file(records)
	}
	return played
}

// known is netsift's facts about captures, without times and frames.
func known(t *testing.T, files []cases.File) string {
	t.Helper()
	f, err := analyze.Run(t.Context(), inputsOf(files), analyze.Config{Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	type way struct {
		ends    string
		proto   fact.Proto
		outcome fact.Outcome
	}
	counts, by := map[way]uint64{}, map[way][]string{}
	for i := range f.Reach {
		r := &f.Reach[i]
		w := way{fmt.Sprintf("%v>%v service %v backend %v", r.Client, r.Called, r.Service, r.Backend), r.Proto, r.Outcome}
		if w.outcome == fact.Hang {
			w.outcome = fact.Unfinished // whether more would have come, the end of the capture says
		}
		counts[w] += r.Count
		for k := range r.Examples {
			by[w] = append(by[w], r.Examples[k].KnownBy.String())
		}
	}
	var lines []string
	for w, n := range counts {
		slices.Sort(by[w])
		lines = append(lines, fmt.Sprintf("reach %s %s %s %d times, known by %q", w.ends, w.proto, w.outcome, n, slices.Compact(by[w])))
	}
	for i := range f.Addresses {
		a := &f.Addresses[i]
		lines = append(lines, fmt.Sprintf("address %v is a %q on %q, DNS %t: %s", a.Addr, a.Role, a.Node, a.DNSServer, a.Because))
	}
	for i := range f.Interfaces {
		x := &f.Interfaces[i]
		lines = append(lines, fmt.Sprintf("interface %d of %s is a %q", x.Index, f.Captures[x.Capture].File, x.Role))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
