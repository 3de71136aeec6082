package report

import (
	"testing"

	"github.com/netsift/netsift/rules"
)

func TestTimes(t *testing.T) {
	const (
		nine = 1795424400e9 // 2026-11-23T09:00:00Z
		day  = 24 * 3600e9
	)
	for _, x := range []struct {
		count, first, last, recovered int64
		want                          string
	}{
		{0, 0, 0, 0, ""},
		{0, nine, nine, 0, ""},
		{0, nine, nine, nine + 1e9, "works again since 09:00:01.000"},
		{1, 0, 0, 0, "once"},
		{1, nine, 0, 0, "once at 09:00:00.000"},
		{1, nine, nine, 0, "once at 09:00:00.000"},
		{1, nine + 1_100_000, nine + 1_900_000, 0, "once at 09:00:00.001"},
		{1, nine + 1_999_999, nine + 2_000_000, 0, "once from 09:00:00.001 to 09:00:00.002"},
		{1234, nine, nine + 7e9, nine + 9e9, "1,234 times from 09:00:00.000 to 09:00:07.000, works again since 09:00:09.000"},
		{2, nine, nine + day, 0, "2 times from 09:00:00.000 to 09:00:00.000"},
	} {
		f := rules.Finding{Count: uint64(x.count), First: x.first, Last: x.last, Recovered: x.recovered}
		if got := Times(&f); got != x.want {
			t.Errorf("%+v: %q, want %q", x, got, x.want)
		}
	}
}
