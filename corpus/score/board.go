package score

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Board counts how netsift did over many situations.
type Board struct {
	Modes map[Mode]*Situations `json:"modes"`
	// Rules are counted over all modes together, by rule.
	Rules map[string]*Tally `json:"rules"`
}

// Situations counts those without a wrong answer.
type Situations struct {
	Good  int `json:"good"`
	Total int `json:"total"`
}

// Tally counts the findings of a rule: those that had to be made, those that were, and those that are wrong.
type Tally struct {
	Expected int `json:"expected"`
	Found    int `json:"found"`
	False    int `json:"false"`
}

// NewBoard returns a board on which nothing is written.
func NewBoard() *Board { return &Board{map[Mode]*Situations{}, map[string]*Tally{}} }

// Add counts one result.
func (b *Board) Add(mode Mode, r Result) {
	if b.Modes[mode] == nil {
		b.Modes[mode] = new(Situations)
	}
	b.Modes[mode].Total++
	if r.Good() {
		b.Modes[mode].Good++
	}
	for _, rule := range r.Found {
		b.tally(rule).Expected++
		b.tally(rule).Found++
	}
	for _, rule := range r.Missed {
		b.tally(rule).Expected++
	}
	for _, rule := range r.False {
		b.tally(rule).False++
	}
}

func (b *Board) tally(rule string) *Tally {
	if b.Rules[rule] == nil {
		b.Rules[rule] = new(Tally)
	}
	return b.Rules[rule]
}

// modeWords describe the modes.
var modeWords = map[Mode]string{
	Together: "the captures of all nodes together",
	Shifted:  "the same, the second node's clock 37.4 s ahead",
	Alone:    "each node's capture by itself",
	Filtered: "each node's capture, filtered by the client's address and ports 80 and 53",
}

// String is the board for a terminal.
func (b *Board) String() string {
	var s strings.Builder
	for _, m := range Modes {
		if n := b.Modes[m]; n != nil {
			fmt.Fprintf(&s, "%-24s %d of %d are good\n", m, n.Good, n.Total)
		}
	}
	fmt.Fprintf(&s, "\n%-24s %8s %8s %8s\n", "rule", "expected", "found", "false")
	for _, rule := range slices.Sorted(maps.Keys(b.Rules)) {
		t := b.Rules[rule]
		fmt.Fprintf(&s, "%-24s %8d %8d %8d\n", rule, t.Expected, t.Found, t.False)
	}
	all := b.all()
	fmt.Fprintf(&s, "%-24s %8d %8d %8d\n", "all", all.Expected, all.Found, all.False)
	return s.String()
}

// Markdown is the board for a page.
func (b *Board) Markdown() string {
	var s strings.Builder
	s.WriteString("| way | situations | all that was said is right |\n| --- | ---: | ---: |\n")
	for _, m := range Modes {
		if n := b.Modes[m]; n != nil {
			fmt.Fprintf(&s, "| %s: %s | %d | %d |\n", m, modeWords[m], n.Total, n.Good)
		}
	}
	s.WriteString("\n| rule | expected | found | recall | false alarms |\n| --- | ---: | ---: | ---: | ---: |\n")
	for _, rule := range slices.Sorted(maps.Keys(b.Rules)) {
		s.WriteString(b.Rules[rule].row("`" + rule + "`"))
	}
	s.WriteString(b.all().row("all"))
	return s.String()
}

func (t *Tally) row(name string) string {
	recall := ""
	if t.Expected > 0 {
		recall = fmt.Sprintf("%.0f %%", 100*float64(t.Found)/float64(t.Expected))
	}
	return fmt.Sprintf("| %s | %d | %d | %s | %d |\n", name, t.Expected, t.Found, recall, t.False)
}

func (b *Board) all() *Tally {
	var all Tally
	for _, t := range b.Rules {
		all.Expected += t.Expected
		all.Found += t.Found
		all.False += t.False
	}
	return &all
}
