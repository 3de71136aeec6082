package netsift

import (
	"io/fs"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/decode/capture"
)

// looks are what the files of captures looked like before they were read; nil for what is no file.
type looks []fs.FileInfo

// lookAt looks at the files of captures.
func lookAt(e *Env, in []analyze.Input) looks {
	list := make(looks, len(in))
	for i := range in {
		if in[i].Stream {
			continue
		}
		if info, err := e.Stat(in[i].Name); err == nil && info.Mode().IsRegular() {
			list[i] = info
		}
	}
	return list
}

// changed says what has become of file i since, "" where nothing has. A file that is written on while it is read was read in part, and what is read
// twice of it (for the clocks, for its checksum) is not the same.
func (l looks) changed(e *Env, in []analyze.Input, i int) string {
	if i >= len(l) || l[i] == nil {
		return ""
	}
	now, err := e.Stat(in[i].Name)
	switch {
	case err != nil:
		return "the file was taken away while it was read"
	case now.Size() > l[i].Size():
		return "the file was still growing while it was read"
	case now.Size() < l[i].Size():
		return "the file was cut while it was read"
	case !now.ModTime().Equal(l[i].ModTime()):
		return "the file was written to while it was read"
	}
	return ""
}

// damage returns that of a capture with frames, and that its file changed. That comes first: the last damage may be the end that is torn off.
func (l looks) damage(e *Env, in []analyze.Input, i int, frames uint64, list []capture.Damage) []capture.Damage {
	what := l.changed(e, in, i)
	if what == "" {
		return list
	}
	return append([]capture.Damage{{Offset: l[i].Size(), Frame: frames + 1, What: what}}, list...)
}
