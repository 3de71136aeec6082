package netsift

import (
	"errors"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
)

// frameRange is frames of a capture, by number. A single frame is one from itself to itself.
type frameRange struct {
	// file is what the capture is called, "" for the only one.
	file     string
	from, to uint64
}

// maxFrames is how many frames are shown at once: they are kept until the end of the input, when it is known what they belong to.
const maxFrames = 1000

// parseFrames reads 12, 15-20 or 3,4,9-11. ok says that s is of that form.
func parseFrames(s string) (list []frameRange, ok bool, err error) {
	if s == "" || strings.Trim(s, "0123456789,-") != "" {
		return nil, false, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.ParseUint(first, 10, 63)
		to, err2 := strconv.ParseUint(last, 10, 63)
		switch {
		case err1 != nil || err2 != nil || from == 0 || to < from:
			return nil, true, usagef("frame %q: write numbers from 1 on, as 12 15-20 3,4", part)
		case to-from >= maxFrames:
			return nil, true, usagef("frames %s are %d; show takes %d at most, and netsift extract writes a capture of more", part, to-from+1, maxFrames)
		}
		list = append(list, frameRange{from: from, to: to})
	}
	return list, true, nil
}

// frameArgs sorts arguments into files and frames. A frame may say its file, as reports do: node1.pcap:150. If all of them do, no other need be named.
func (l *line) frameArgs() (files []string, frames []frameRange) {
	var named []string
	for i, arg := range l.Args().Slice() {
		if list, ok, err := parseFrames(arg); ok && i > 0 {
			l.fail(err)
			frames = append(frames, list...)
			continue
		}
		k := strings.LastIndexByte(arg, ':')
		if list, ok, err := parseFrames(arg[k+1:]); ok && k > 0 && !l.exists(arg) {
			l.fail(err)
			file := arg[:k]
			for i := range list {
				list[i].file = file
			}
			frames = append(frames, list...)
			if !slices.Contains(named, file) {
				named = append(named, file)
			}
			continue
		}
		files = append(files, arg)
	}
	if len(files) == 0 {
		files = named
	}
	return files, frames
}

func (l *line) exists(name string) bool {
	_, err := l.env.Stat(name)
	return err == nil
}

// framesWanted says which frames of which captures are wanted.
type framesWanted struct {
	ranges []capturedRange
	// place has the wanted frames, each with the index of the first range that it is in; seen are those that came by.
	place map[fact.Ref]int
	seen  map[fact.Ref]bool
}

// capturedRange is a range of frames of a capture, by the index of that.
type capturedRange struct {
	capture int
	frameRange
}

// wantFrames finds the captures that frames are of.
func wantFrames(in []analyze.Input, list []frameRange) (*framesWanted, error) {
	w := &framesWanted{place: map[fact.Ref]int{}, seen: map[fact.Ref]bool{}}
	labels := analyze.Labels(in)
	total := uint64(0)
	for _, r := range list {
		var of []int
		for i := range in {
			if r.file == "" || r.file == in[i].Name || r.file == path.Base(in[i].Name) || r.file == labels[i] {
				of = append(of, i)
			}
		}
		number := strconv.FormatUint(r.from, 10)
		switch {
		case len(of) == 0:
			return nil, usagef("frame %s of %s: no capture that was given is called so", number, r.file)
		case len(of) > 1 && r.file == "":
			return nil, usagef("frame %s of which capture? write %s:%[1]s", number, in[0].Name)
		case len(of) > 1:
			return nil, usagef("frame %s of %s: several captures are called so; write %s:%[1]s", number, r.file, in[of[0]].Name)
		}
		w.ranges = append(w.ranges, capturedRange{of[0], r})
		if total += r.to - r.from + 1; total > maxFrames {
			return nil, usagef("show takes %d frames at most, and netsift extract writes a capture of more", maxFrames)
		}
		for ref := range w.ranges[len(w.ranges)-1].refs() {
			if _, twice := w.place[ref]; !twice {
				w.place[ref] = len(w.ranges) - 1
			}
		}
	}
	return w, nil
}

// refs yields the frames of a range.
func (r *capturedRange) refs() iter.Seq[fact.Ref] {
	return func(yield func(fact.Ref) bool) {
		for n := r.from; n <= r.to && yield(fact.Ref{Capture: r.capture, Frame: n}); n++ {
		}
	}
}

// has reports whether a frame that comes by is wanted.
func (w *framesWanted) has(ref fact.Ref) bool {
	_, is := w.place[ref]
	if is {
		w.seen[ref] = true
	}
	return is
}

// missing says which ranges have not a single frame, nil where all have.
func (w *framesWanted) missing(captures []fact.Capture) error {
	for i := range w.ranges {
		r := &w.ranges[i]
		found := false
		for ref := range r.refs() {
			found = found || w.seen[ref]
		}
		if found {
			continue
		}
		c := &captures[r.capture]
		switch {
		case c.Error != "":
			return errNoCapture // that has been said
		case c.CopyOf != "":
			return usagef("%s has the same packets as %s; show that one's", c.File, c.CopyOf)
		}
		return usagef("no frame %d: %s has %d", r.from, c.File, c.Frames)
	}
	return nil
}

var errTooMuch = errors.New("the frames asked for are too large to be kept; ask for fewer, or write them to a file with netsift extract")
