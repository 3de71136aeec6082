package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// offsetOf is where record i of pcapFile begins.
func offsetOf(i int) int { return len(pcapFile(i)) }

// without returns the payloads of pcapFile(n) but those of the records lost.
func without(n int, lost ...int) []string {
	var s []string
	for i := range n {
		if !slices.Contains(lost, i) {
			s = append(s, payload(i))
		}
	}
	return s
}

func bigEndianPcap(n int) []byte {
	p := fileHeader(be, magicMicro, 2, 4, 262144, 1)
	for i := range n {
		p = append(p, record(be, 1700000000, uint32(i)*1000, payload(i))...)
	}
	return p
}

func TestPcapDamage(t *testing.T) {
	const n = 20
	plain := pcapFile(n)
	end := int64(len(plain))
	records := string(plain[offsetOf(0):])
	// claim changes what record i says it has captured.
	claim := func(i int, bytes uint32) []byte { return flip(plain, offsetOf(i)+8, bytes) }
	skipped := func(i int) int64 { return int64(recordHeader + len(payload(i))) }
	for _, row := range []struct {
		name   string
		in     []byte
		want   []string
		damage []Damage // What is a part of it
	}{
		{
			"4 GB record at the start", claim(0, math.MaxUint32), without(n, 0),
			[]Damage{{int64(offsetOf(0)), skipped(0), 1, "claims 4294967295 captured bytes"}},
		},
		{
			"4 GB record in the middle", claim(7, math.MaxUint32), without(n, 7),
			[]Damage{{int64(offsetOf(7)), skipped(7), 8, "claims 4294967295 captured bytes"}},
		},
		{
			"4 GB record at the end", claim(n-1, math.MaxUint32), without(n, n-1),
			[]Damage{{int64(offsetOf(n - 1)), -1, n, "claims 4294967295 captured bytes"}},
		},
		{
			"last but one", claim(n-2, math.MaxUint32), without(n, n-2),
			[]Damage{{int64(offsetOf(n - 2)), skipped(n - 2), n - 1, "claims"}},
		},
		{
			"a record just over the limit", claim(7, maxSnaplen+1), without(n, 7),
			[]Damage{{int64(offsetOf(7)), skipped(7), 8, "claims 262145 captured bytes"}},
		},
		{
			"a record that runs over the end of the file", claim(7, 100_000), without(n, 7),
			[]Damage{{int64(offsetOf(7)), skipped(7), 8, "more bytes than the file has left"}},
		},
		{
			"a record that swallows three and a half others",
			claim(7, 400), append(append(without(7), payload(7)+string(plain[offsetOf(8):offsetOf(7)+16+400])), without(n)[8:]...),
			[]Damage{{int64(offsetOf(8)), 0, 8, "claims more bytes than it has"}},
		},
		{
			"a record that claims too little", claim(7, 50), append(append(without(7), payload(7)[:50]), without(n)[8:]...),
			[]Damage{{int64(offsetOf(7)) + 66, skipped(7) - 66, 9, "claims 2779096485 captured bytes"}},
		},
		{
			"a record that claims nothing", claim(7, 0), append(append(without(7), ""), without(n)[8:]...),
			[]Damage{{int64(offsetOf(7)) + 16, skipped(7) - 16, 9, "claims"}},
		},
		{
			"two damaged records", flip(claim(3, math.MaxUint32), offsetOf(12)+8, 1<<31), without(n, 3, 12),
			[]Damage{
				{int64(offsetOf(3)), skipped(3), 4, "claims 4294967295"},
				{int64(offsetOf(12)), skipped(12), 12, "claims 2147483648"},
			},
		},
		{
			"a page of noise over several records",
			join(plain[:offsetOf(5)], bytes.Repeat([]byte{0x5a}, offsetOf(9)-offsetOf(5)), plain[offsetOf(9):]), without(n, 5, 6, 7, 8),
			[]Damage{{int64(offsetOf(5)), int64(offsetOf(9) - offsetOf(5)), 6, "claims"}},
		},
		{
			"much noise", join(plain[:offsetOf(5)], bytes.Repeat([]byte{0x5a}, 700_000), plain[offsetOf(5):]), without(n),
			[]Damage{{int64(offsetOf(5)), 700_000, 6, "claims"}},
		},
		{
			"bytes lost", join(plain[:offsetOf(5)], plain[offsetOf(5)+11:]), without(n, 5),
			[]Damage{{int64(offsetOf(5)), skipped(5) - 11, 6, ""}},
		},
		{
			"noise to the end", append(slices.Clone(plain), bytes.Repeat([]byte{0x5a}, 300_000)...), without(n),
			[]Damage{{end, -1, n + 1, "claims 1515870810 captured bytes"}},
		},
		{
			"cut in a packet", plain[:offsetOf(n-1)+30], without(n - 1),
			[]Damage{{int64(offsetOf(n - 1)), -1, n, "the last 30 bytes are not a whole record"}},
		},
		{
			"cut in a record header", plain[:offsetOf(n-1)+3], without(n - 1),
			[]Damage{{int64(offsetOf(n - 1)), -1, n, "the last 3 bytes are not a whole record"}},
		},
		{
			"cut in the first record", plain[:offsetOf(0)+3], nil,
			[]Damage{{int64(offsetOf(0)), -1, 1, "the last 3 bytes are not a whole record"}},
		},
		{
			"damage and then a cut", claim(7, math.MaxUint32)[:end-5], without(n-1, 7),
			[]Damage{
				{int64(offsetOf(7)), skipped(7), 8, "claims"},
				{int64(offsetOf(n - 1)), -1, n - 1, "the file ends"},
			},
		},
		{
			// As when a capture is copied while packets are captured: the cut one is full of records.
			"cut in a packet that carries records",
			join(plain, recordOf(le, 1700000000, 0, 50_000, 50_000, records[:len(records)-7])), without(n),
			[]Damage{{end, -1, n + 1, "the file ends"}},
		},
		{
			"a packet that carries records before a damaged one",
			join(plain, record(le, 1700000000, 0, records), flip(numbered(0), 8, math.MaxUint32), plain[offsetOf(0):]),
			slices.Concat(without(n), []string{records}, without(n)),
			[]Damage{{end + 16 + int64(len(records)), skipped(0), n + 2, "claims"}},
		},
		{
			"zeros are records without bytes, as in Wireshark", append(slices.Clone(plain), make([]byte, 40)...), append(without(n), "", ""),
			[]Damage{{end + 32, -1, n + 3, "the file ends"}},
		},
		{
			"a second file after damage", join(claim(7, math.MaxUint32), []byte("noise"), plain), append(without(n, 7), without(n)...),
			[]Damage{{int64(offsetOf(7)), skipped(7), 8, "claims"}, {end, 5, n, ""}},
		},
		{
			"a second file after a cut one", join(plain[:offsetOf(7)+30], plain), append(append(without(7), payload(7)[:14]+string(plain[:len(payload(7))-14])), without(n)...),
			[]Damage{{int64(offsetOf(7)) + 30, 0, 8, "claims more bytes than it has"}},
		},
		{
			"a second file of one packet after a cut one", join(plain[:offsetOf(7)+30], pcapFile(0), record(le, 1700000000, 0, "a")), append(without(7), "a"),
			[]Damage{{int64(offsetOf(7)), 30, 8, "more bytes than the file has left"}},
		},
		{
			"a second file cut in its header", append(slices.Clone(plain), plain[:10]...), without(n),
			[]Damage{{end, -1, n + 1, "the last 10 bytes"}},
		},
		{
			"big-endian", be.AppendUint32(nil, 0), nil, nil,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.name == "big-endian" {
				row.in = bigEndianPcap(n)
				le.PutUint32(row.in[offsetOf(7)+8:], math.MaxUint32)
				row.want = without(n, 7)
				row.damage = []Damage{{int64(offsetOf(7)), skipped(7), 8, "claims"}}
			}
			compareDamaged(t, row.in, row.want, row.damage)
		})
	}
}

func TestPcapngDamage(t *testing.T) {
	var plain []byte
	var at []int // where each block begins
	add := func(b []byte) {
		at = append(at, len(plain))
		plain = append(plain, b...)
	}
	add(section(le))
	add(described(le, 1, 0))
	const n = 10
	for i := range n {
		add(enhanced(le, 0, uint64(i), payload(i)))
	}
	end := int64(len(plain))
	packet := func(i int) int { return at[2+i] }
	size := func(i int) int64 { return int64(len(enhanced(le, 0, 0, payload(i)))) }
	for _, row := range []struct {
		name   string
		in     []byte
		want   []string
		damage []Damage
	}{
		{
			"4 GB block", flip(plain, packet(3)+4, math.MaxUint32&^3), without(n, 3),
			[]Damage{{int64(packet(3)), size(3), 4, "block claims 4294967292 bytes"}},
		},
		{
			"block of no length", flip(plain, packet(3)+4, 0), without(n, 3),
			[]Damage{{int64(packet(3)), size(3), 4, "block claims 0 bytes"}},
		},
		{
			"first length wrong", flip(plain, packet(3)+4, 400), without(n, 3),
			[]Damage{{int64(packet(3)), size(3), 4, "at its beginning"}},
		},
		{
			"first length runs over the end", flip(plain, packet(3)+4, 100_000), without(n, 3),
			[]Damage{{int64(packet(3)), size(3), 4, "more bytes than the file has left"}},
		},
		{
			"second length wrong, but the next block is where the first says", flip(plain, packet(4)-4, 400), without(n),
			[]Damage{{int64(packet(3)), 0, 4, "and 400 at its end"}},
		},
		{
			"last block's second length wrong", flip(plain, len(plain)-4, 400), without(n),
			[]Damage{{int64(packet(9)), 0, 10, "and 400 at its end"}},
		},
		{
			// Found by fuzzing: with the bytes arriving one by one, half a block was taken for a good one.
			"second lengths of two blocks wrong", flip(flip(plain, packet(4)-4, 400), packet(5)-4, 400), without(n),
			[]Damage{
				{int64(packet(3)), 0, 4, "and 400 at its end"},
				{int64(packet(4)), 0, 5, "and 400 at its end"},
			},
		},
		{
			"section header of impossible length", flip(plain, 4, 20), without(n),
			[]Damage{{0, 28, 1, "block claims 20 bytes"}},
		},
		{
			"packet length larger than its block", flip(plain, packet(3)+20, math.MaxUint32), without(n, 3),
			[]Damage{{int64(packet(3)), size(3), 4, "packet claims 4294967295 captured bytes"}},
		},
		{
			"packet block too short", join(plain[:packet(3)], block(le, blockEPB, make([]byte, 16)), plain[packet(3):]), without(n),
			[]Damage{{int64(packet(3)), 28, 4, "too short"}},
		},
		{
			"interface missing", flip(plain, packet(3)+8, 1), without(n, 3),
			[]Damage{{int64(packet(3)), size(3), 4, "packet of interface 1, which is not described"}},
		},
		{
			"interface missing for all is one damage", join(plain[:at[1]], plain[at[2]:]), nil,
			[]Damage{{int64(at[1]), end - int64(at[2]), 1, "packet of interface 0, which is not described"}},
		},
		{
			"simple packet without interface", join(section(le), simple(le, 1, "a")), nil,
			[]Damage{{28, 20, 1, "not described"}},
		},
		{
			"interface description too short", join(section(le), block(le, blockIDB, make([]byte, 4)), described(le, 1, 0), enhanced(le, 0, 0, "a")),
			[]string{"a"},
			[]Damage{{28, 16, 1, "too short"}},
		},
		{
			"option runs over its block", join(section(le), described(le, 1, 0, le.AppendUint16(le.AppendUint16(nil, ifName), 9), []byte("eth0")), enhanced(le, 0, 0, "a")),
			[]string{"a"},
			[]Damage{{44, 8, 1, "option claims 9 bytes, its block has 4 left"}},
		},
		{
			"statistics of no interface", join(section(le), block(le, blockISB, make([]byte, 12))), nil,
			[]Damage{{28, 24, 1, "statistics of interface 0"}},
		},
		{
			"unknown version", join(flip(section(le), 12, 2), described(le, 1, 0), enhanced(le, 0, 0, "a"), plain), without(n),
			[]Damage{{0, 28, 1, "version 2.0"}},
		},
		{
			"noise of odd length", join(plain[:packet(5)], []byte(strings.Repeat("noise", 5)), plain[packet(5):]), without(n),
			[]Damage{{int64(packet(5)), 25, 6, "block claims"}},
		},
		{
			"cut in a packet", plain[:end-5], without(n - 1),
			[]Damage{{int64(packet(9)), -1, 10, "the file ends in the middle of a packet"}},
		},
		{
			"cut in a packet that carries blocks", join(plain, enhanced(le, 0, 0, string(plain))[:len(plain)]), without(n),
			[]Damage{{end, -1, n + 1, "the file ends"}},
		},
		{
			"noise before a section of the other byte order", join(plain, []byte("noise"), section(be), described(be, 1, 0), enhanced(be, 0, 0, "a")), append(without(n), "a"),
			[]Damage{{end, 5, n + 1, ""}},
		},
		{
			"zeros to the end", append(slices.Clone(plain), make([]byte, 300_000)...), without(n),
			[]Damage{{end, -1, n + 1, "block claims 0 bytes"}},
		},
	} {
		t.Run(row.name, func(t *testing.T) { compareDamaged(t, row.in, row.want, row.damage) })
	}
}

// compareDamaged compares what is read of a damaged file; at once, and byte by byte.
func compareDamaged(t *testing.T, in []byte, want []string, damage []Damage) {
	t.Helper()
	got := all(t, bytes.NewReader(in))
	if got.Err != nil {
		t.Fatal(got.Err)
	}
	var data []string
	for i, f := range got.Frames {
		if data = append(data, f.Data); f.Number != uint64(i)+1 {
			t.Errorf("frame %d has number %d", i+1, f.Number)
		}
	}
	if d := cmp.Diff(want, data, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	for i := range min(len(damage), len(got.Damage)) {
		if strings.Contains(got.Damage[i].What, damage[i].What) {
			damage[i].What = got.Damage[i].What
		}
	}
	if d := cmp.Diff(damage, got.Damage, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	slow := all(t, iotest.OneByteReader(bytes.NewReader(in)))
	if d := cmp.Diff(got, slow, cmpopts.EquateErrors()); d != "" {
		t.Error("byte by byte:", d)
	}
}

// The list of damages is bounded, and says so.
// TestTorn: a capture that ends in the middle of a packet is torn, and nothing else is wrong with it.
func TestTorn(t *testing.T) {
	const n = 10
	plain := pcapFile(n)
	for _, row := range []struct {
		name string
		in   []byte
		torn bool
	}{
		{"whole", plain, false},
		{"cut in the last packet", plain[:len(plain)-3], true},
		{"cut in the last header", plain[:offsetOf(n-1)+7], true},
		{"noise at the end", append(slices.Clone(plain), strings.Repeat("\xff", 300_000)...), false},
		{"noise in the middle", join(plain[:offsetOf(5)], []byte(strings.Repeat("noise", 5)), plain[offsetOf(5):]), false},
	} {
		r, err := NewReader(bytes.NewReader(row.in))
		if err != nil {
			t.Fatal(err)
		}
		for b := (Block{}); ; {
			if err := r.Read(&b); err != nil {
				break
			}
		}
		if r.Torn() != row.torn {
			t.Errorf("%s: torn %v, want %v (%v)", row.name, r.Torn(), row.torn, r.Damage())
		}
	}
}

func TestMuchDamage(t *testing.T) {
	p := join(section(le), described(le, 1, 0))
	const n = 3 * maxDamage
	for range n {
		p = append(p, enhanced(le, 7, 0, "a")...)
		p = append(p, enhanced(le, 0, 0, "b")...)
	}
	got := all(t, bytes.NewReader(p))
	if len(got.Frames) != n || len(got.Damage) != maxDamage {
		t.Fatalf("%d frames, %d damages", len(got.Frames), len(got.Damage))
	}
	if last := got.Damage[maxDamage-1].What; !strings.Contains(last, fmt.Sprintf("; %d more damaged places follow", n-maxDamage)) {
		t.Error(last)
	}
}

// Nothing is allocated because a length field says so, and nothing is kept because interfaces are described.
func TestMemory(t *testing.T) {
	interfaces := section(le)
	for range maxInterfaces + 10 {
		interfaces = append(interfaces, described(le, 1, 0)...)
	}
	huge := join(fileHeader(le, magicMicro, 2, 4, math.MaxUint32, 1), recordOf(le, 1, 0, maxRecord, maxRecord, "abc"))
	usb := join(fileHeader(le, magicMicro, 2, 4, math.MaxUint32, 249), recordOf(le, 1, 0, maxMessage, maxMessage, "abc"))
	for _, row := range []struct {
		name string
		in   []byte
	}{
		{"interfaces", interfaces},
		{"record of a megabyte", huge},
		{"message of 128 megabytes", usb},
		{"block of 16 megabytes", join(section(le), flip(enhanced(le, 0, 0, "abc"), 4, maxBlock))},
	} {
		t.Run(row.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := all(t, bytes.NewReader(row.in))
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 48<<20 || len(got.Interfaces) > maxInterfaces {
				t.Errorf("%d MiB allocated, %d interfaces", used>>20, len(got.Interfaces))
			}
		})
	}
}

// A gap in the file is found wherever it lies with respect to the reader's buffers.
func TestDamageAcrossBuffers(t *testing.T) {
	var p []byte
	const n = 8000
	for _, o := range []binary.AppendByteOrder{le, be} {
		p = fileHeader(o, magicMicro, 2, 4, 262144, 1)
		for i := range n {
			if i%100 == 99 {
				p = append(p, recordOf(o, 1700000000, 0, math.MaxUint32, 60, payload(i))...)
			} else {
				p = append(p, record(o, 1700000000, 0, payload(i))...)
			}
		}
		got := all(t, bytes.NewReader(p))
		if len(got.Frames) != n*99/100 || len(got.Damage) != n/100 {
			t.Errorf("%d frames of %d, %d damages of %d", len(got.Frames), n*99/100, len(got.Damage), n/100)
		}
	}
}
