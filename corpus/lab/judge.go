package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/corpus/score"
)

// recorded reads a folder's captures and truth.
func recorded(dir string) (*truth, *score.Recorded, error) {
	t, err := readTruth(dir)
	if err != nil {
		return nil, nil, err
	}
	r := &score.Recorded{Truth: t.compared(), Client: t.client()}
	for _, c := range t.Captures {
		data, err := os.ReadFile(filepath.Join(dir, c.File))
		if err != nil {
			return nil, nil, err
		}
		r.Files = append(r.Files, cases.File{Name: c.File, Node: c.Node, Data: data})
	}
	for _, e := range t.Expect {
		r.Nearest = append(r.Nearest, e.Capture)
	}
	return t, r, nil
}

// judge compares netsift's answers on a folder's captures with the truth, in all modes, and prints errors. It returns
// how many results were unexpected.
func judge(ctx context.Context, out io.Writer, dir string, board *score.Board) (wrong int, err error) {
	t, r, err := recorded(dir)
	if err != nil {
		return 0, err
	}
	for _, mode := range score.Modes {
		result, err := r.Run(ctx, mode)
		if err != nil {
			return wrong, fmt.Errorf("%s, %s: %w", t.Scenario, mode, err)
		}
		board.Add(mode, result)
		key := t.Scenario + "/" + string(mode)
		reason, known := open[key]
		switch {
		case !result.Good() && known:
			fmt.Fprintf(out, "     %s is open (%s)\n", key, reason)
		case !result.Good():
			wrong++
			fmt.Fprintf(out, "     %s:\n       %s\n", key, strings.Join(result.Complaints, "\n       "))
		case known:
			wrong++
			fmt.Fprintf(out, "     %s is listed as open (%s), and is good: take it off the list\n", key, reason)
		}
	}
	return wrong, nil
}
