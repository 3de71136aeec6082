package html

import (
	"reflect"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/netsift/netsift/analyze/fact"
)

func TestRich(t *testing.T) {
	for s, want := range map[string][]span{
		"":                        nil,
		"plain":                   {{"plain", false}},
		"set `ndots:2` there":     {{"set ", false}, {"ndots:2", true}, {" there", false}},
		"`all`":                   {{"all", true}},
		"a stray ` is no code":    {{"a stray ` is no code", false}},
		"`\x1b[31m` <b>as is</b>": {{`\x1b[31m`, true}, {" <b>as is</b>", false}},
	} {
		if got := rich(s); !reflect.DeepEqual(got, want) {
			t.Errorf("rich(%q) = %v, want %v", s, got, want)
		}
	}
}

func TestSentence(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "large responses vanish": "Large responses vanish", "api.example.com walks": "api.example.com walks",
		"10.0.0.1 is": "10.0.0.1 is", "Already so": "Already so", "tcp-loss: no": "tcp-loss: no",
	} {
		if got := sentence(s); got != want {
			t.Errorf("sentence(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want []string
	}{
		{"", 5, nil},
		{"one two three", 7, []string{"one two", "three"}},
		{"a-very-long-word in it", 6, []string{"a-very", "-long-", "word", "in it"}},
		{"日本語 ü", 3, []string{"日本語", "ü"}},
	} {
		got := wrap(c.s, c.n)
		if !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

func TestShort(t *testing.T) {
	for _, n := range []int{5, 6} {
		got := short("abcdefghijklmnop", n)
		if utf8.RuneCountInString(got) != n || got[:2] != "ab" || got[len(got)-2:] != "op" {
			t.Errorf("short to %d: %q", n, got)
		}
	}
	if got := short("abc", 3); got != "abc" {
		t.Errorf("what fits becomes %q", got)
	}
}

func TestMerged(t *testing.T) {
	f := &fact.Timeline{Start: 5, Width: 10}
	for i := range uint64(7) {
		f.Buckets = append(f.Buckets, fact.Bucket{Frames: i, Resends: 1, Opened: 2, Failed: 1, Answers: 1, Unanswered: 1, Median: 3, Worst: int64(i)})
	}
	m := merged(f, 3)
	want := []fact.Bucket{
		{Frames: 3, Resends: 3, Opened: 6, Failed: 3, Answers: 3, Unanswered: 3, Median: -1, Worst: 2},
		{Frames: 12, Resends: 3, Opened: 6, Failed: 3, Answers: 3, Unanswered: 3, Median: -1, Worst: 5},
		{Frames: 6, Resends: 1, Opened: 2, Failed: 1, Answers: 1, Unanswered: 1, Median: -1, Worst: 6},
	}
	if m.Start != 5 || m.Width != 30 || !slices.Equal(m.Buckets, want) {
		t.Errorf("got %+v", m)
	}
	if m := merged(f, 100); m.Width != 10 || len(m.Buckets) != 7 {
		t.Errorf("fewer than asked for: %+v", m)
	}
}
