package rules

import (
	"math/rand/v2"
	"testing"

	"github.com/netsift/netsift/rules/spelling"
)

// allSlips is slips, looked for everywhere.
func allSlips(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			if i == 0 || j == 0 {
				d[i][j] = i + j
				continue
			}
			d[i][j] = min(d[i-1][j], d[i][j-1]) + 1
			if a[i-1] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-1][j-1])
			}
			d[i][j] = min(d[i][j], d[i-1][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// TestSlips: up to the most that is asked for, the distance is the one that a look at everything finds.
func TestSlips(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	word := func() []byte {
		b := make([]byte, r.IntN(9))
		for i := range b {
			b[i] = "abc"[r.IntN(3)]
		}
		return b
	}
	var seen [4]int
	for range 50_000 {
		a := word()
		b := append([]byte{}, a...)
		for range r.IntN(4) {
			i := r.IntN(len(b) + 1)
			switch {
			case r.IntN(20) == 0:
				b = word()
			case i == len(b) || r.IntN(3) == 0:
				b = append(b[:i], append([]byte{'d'}, b[i:]...)...)
			case i > 0 && r.IntN(2) == 0:
				b[i], b[i-1] = b[i-1], b[i]
			default:
				b = append(b[:i], b[i+1:]...)
			}
		}
		for most := 1; most <= 2; most++ {
			got, want := min(spelling.Slips(string(a), string(b), most), most+1), min(allSlips(string(a), string(b)), most+1)
			if got != want {
				t.Fatalf("%s and %s differ by %d, at most %d: got %d", a, b, want, most, got)
			}
			seen[want]++
		}
	}
	for n, times := range seen {
		if times == 0 {
			t.Errorf("no words differ by %d", n)
		}
	}
}
