package text

import "testing"

func TestShort(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0", 999: "999", 1000: "1.0k", 9949: "9.9k", 9950: "10k", 99_949: "100k", 999_499: "999k", 999_500: "1.0M", 1_234_567: "1.2M", 1<<64 - 1: "18E",
	} {
		if got := short(n); got != want || len(got) > 4 {
			t.Errorf("short(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestTook(t *testing.T) {
	for n, want := range map[int64]string{
		-1: "-", 0: "0", 500: "<1µs", 1_000: "1µs", 999_400: "999µs", 999_600: "1.0ms", 9_949_000: "9.9ms", 9_960_000: "10ms", 999_600_000: "1.0s",
		12_000_000_000: "12s", 119_000_000_000: "119s", 120_000_000_000: "2m0s", 3_723_400_000_000: "1h2m3s",
	} {
		if got := took(n); got != want {
			t.Errorf("took(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"short", 10, "short"},
		{"abcdefghij", 7, "abc…hij"},
		{"abcdefghij", 6, "ab…hij"},
		{"abc", 2, "ab"},
	} {
		got := cut(c.in, c.n)
		if got != c.want || width(got) > max(c.n, 0) {
			t.Errorf("cut(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
	// A character that is two columns wide is not cut in half.
	if got := cut("日本日本日本", 7); width(got) > 7 {
		t.Errorf("cut to %q, %d columns", got, width(got))
	}
}
