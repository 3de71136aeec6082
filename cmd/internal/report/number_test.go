package report_test

import (
	"testing"

	"github.com/netsift/netsift/cmd/internal/report"
)

func TestTook(t *testing.T) {
	for n, want := range map[int64]string{
		-1: "-", 0: "0", 500: "<1µs", 1_000: "1µs", 999_400: "999µs", 999_600: "1.0ms", 9_949_000: "9.9ms", 9_960_000: "10ms", 999_600_000: "1.0s",
		12_000_000_000: "12s", 119_000_000_000: "119s", 120_000_000_000: "2m0s", 3_723_400_000_000: "1h2m3s",
	} {
		if got := report.Took(n); got != want {
			t.Errorf("Took(%d) = %s, want %s", n, got, want)
		}
	}
}
