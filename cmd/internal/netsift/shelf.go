package netsift

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/netsift/netsift/rules/policy"
)

// The most files with evidence that a folder may have, and bytes in them. The oldest go first.
const (
	shelfFiles = 1000
	shelfBytes = 1 << 30
)

// shelf keeps the files with evidence in a folder few. It counts those that are there from earlier runs, and leaves alone whatever does
// not have the name of one.
type shelf struct {
	env    *Env
	folder string
	// files are on the shelf, the oldest first; bytes are in them all.
	files []shelved
	bytes int64
	// most and room are shelfFiles and shelfBytes.
	most int
	room int64
}

// shelved is a file on a shelf.
type shelved struct {
	name string
	size int64
}

// makeFolder makes a folder where there is none.
func makeFolder(e *Env, name string) error {
	info, err := e.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return reason(e.MakeFolder(name))
	case err != nil:
		return reason(err)
	case !info.IsDir():
		return errors.New("a file has this name, and no folder")
	}
	return nil
}

// reason returns what went wrong, without the path: the user has just written it.
func reason(err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}

// newShelf returns the shelf in a folder. rules are the ids of the rules whose findings' evidence it holds.
func newShelf(e *Env, folder string, rules []string) *shelf {
	s := &shelf{env: e, folder: folder, most: shelfFiles, room: shelfBytes}
	entries, err := e.ReadDir(folder)
	if err != nil {
		return s // it may be written to nevertheless
	}
	var old []fs.FileInfo
	for _, x := range entries {
		if info, err := x.Info(); err == nil && info.Mode().IsRegular() && isEvidence(x.Name(), rules) {
			old = append(old, info)
		}
	}
	slices.SortStableFunc(old, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range old {
		s.files = append(s.files, shelved{info.Name(), info.Size()})
		s.bytes += info.Size()
	}
	return s
}

// put takes note of a file that was written under this name, and removes the oldest ones that are too many with it.
func (s *shelf) put(name string, size int64) error {
	if i := slices.IndexFunc(s.files, func(x shelved) bool { return x.name == name }); i >= 0 {
		s.take(i)
	}
	s.files = append(s.files, shelved{name, size})
	s.bytes += size
	for len(s.files) > 1 && (len(s.files) > s.most || s.bytes > s.room) {
		old := s.files[0].name
		s.take(0)
		if err := s.env.Remove(filepath.Join(s.folder, old)); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) take(i int) {
	s.bytes -= s.files[i].size
	s.files = slices.Delete(s.files, i, i+1)
}

// evidenceName returns the name of the file with a finding's evidence: its id, with - in place of the colon before the number, and
// everything that a file system may take for something else, or for the same, as its code. No two ids have one name.
func evidenceName(id string) string {
	colon := strings.LastIndexByte(id, ':')
	var b strings.Builder
	for i := range len(id) {
		switch c := id[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-' && i < colon:
			b.WriteByte(c)
		case i == colon:
			b.WriteByte('-')
		default:
			fmt.Fprintf(&b, "_%02x", c)
		}
	}
	return b.String() + evidenceEnd
}

const evidenceEnd = ".pcapng"

// isEvidence reports whether a file has the name of one with evidence of a finding of these rules.
func isEvidence(name string, rules []string) bool {
	id, ok := strings.CutSuffix(name, evidenceEnd)
	dash := strings.LastIndexByte(id, '-')
	return ok && dash > 0 && strings.Trim(id[dash+1:], "0123456789abcdef_") == "" && dash+1 < len(id) && slices.Contains(rules, id[:dash])
}

// ruleIDs returns the ids of all rules of a policy.
func ruleIDs(p *policy.Policy) []string {
	var list []string
	for _, r := range p.Effective() {
		list = append(list, r.Rule.ID)
	}
	return list
}
