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
