package netsift

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// evidence keeps the latest frames that may prove something, in a bounded ring, and writes those of a finding to a file: frame
// numbers of a stream that nobody stored are worth nothing.
type evidence struct {
	*shelf
	// ring holds the bytes of kept frames, which follow one another round and round; at is where the next one goes.
	ring []byte
	at   int
	// kept are the frames in the ring, the oldest first; byRef finds them.
	kept  []kept
	byRef map[fact.Ref]uint64
	// gone counts the frames that left the ring: the index of the oldest that is kept, among all.
	gone uint64
	// hidden is nil where frames go as they were captured.
	hidden *hiding
	// names are nil without a snapshot of the cluster.
	names *snapshot.Names
}

// kept is a frame in the ring.
type kept struct {
	frameHead
	from, to int
}

func newEvidence(to *shelf, size int64, hidden *hiding, names *snapshot.Names) *evidence {
	return &evidence{shelf: to, ring: make([]byte, size), byRef: map[fact.Ref]uint64{}, hidden: hidden, names: names}
}

// frame keeps a frame that may become evidence.
func (v *evidence) frame(f *analyze.Frame, marked bool) {
	if !marked || len(f.Data) > len(v.ring) || len(f.Data) == 0 {
		return
	}
	if len(v.kept) >= max(len(v.ring)/headSize, minHeads) {
		v.drop()
	}
	if v.at+len(f.Data) > len(v.ring) {
		v.free(v.at, len(v.ring)-v.at)
		v.at = 0
	}
	v.free(v.at, len(f.Data))
	copy(v.ring[v.at:], f.Data)
	k := kept{headOf(f), v.at, v.at + len(f.Data)}
	v.byRef[k.ref] = v.gone + uint64(len(v.kept))
	v.kept = append(v.kept, k)
	v.at += len(f.Data)
}

// free takes the oldest frames out of the ring as long as they lie where n bytes at from are to go.
func (v *evidence) free(from, n int) {
	for len(v.kept) > 0 {
		if old := &v.kept[0]; old.from >= from+n || old.to <= from {
			return
		}
		v.drop()
	}
}

// headSize is about what a frame takes beside its bytes; the heads may have as much room as those, and minHeads always.
const headSize, minHeads = 256, 16

// drop takes the oldest frame out of the ring.
func (v *evidence) drop() {
	delete(v.byRef, v.kept[0].ref)
	v.kept = v.kept[1:]
	v.gone++
}

// whole reports whether all of a finding's evidence is still there.
func (v *evidence) whole(f *rules.Finding) bool {
	for i := range f.Evidence {
		if _, ok := v.byRef[f.Evidence[i].Ref]; !ok {
			return false
		}
	}
	return true
}

// write writes what is still there of a finding's evidence. It was found in facts, which are not redacted.
func (v *evidence) write(f *rules.Finding, facts *fact.Facts) error {
	name := evidenceName(f.ID)
	file, err := v.env.Create(filepath.Join(v.folder, name), private)
	if err != nil {
		return err
	}
	var size measured
	missing := 0
	for i := range f.Evidence {
		if _, ok := v.byRef[f.Evidence[i].Ref]; !ok {
			missing++
		}
	}
	title := findingTitle(f)
	if missing > 0 {
		title += fmt.Sprintf(" (%d of %d frames of the evidence had left the buffer)", missing, len(f.Evidence))
	}
	if v.hidden != nil {
		facts = v.hidden.Facts(facts)
	}
	if v.names != nil {
		named := *facts
		v.names.Interfaces(&named)
		facts = &named
	}
	x := newExcerpt(io.MultiWriter(file, &size), "pcapng", title, facts, v.hidden)
	names := report.Names(facts.Captures)
	for i := range f.Evidence {
		e := &f.Evidence[i]
		if n, ok := v.byRef[e.Ref]; ok && err == nil {
			k := &v.kept[n-v.gone]
			err = x.write(&k.frameHead, v.ring[k.from:k.to], frameName(names, e.Ref)+": "+e.Note)
		}
	}
	if e := x.to.Flush(); err == nil {
		err = e
	}
	if err != nil {
		file.Discard()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return v.put(name, int64(size))
}

// measured counts the bytes that are written to it.
type measured int64

func (m *measured) Write(b []byte) (int, error) {
	*m += measured(len(b))
	return len(b), nil
}

// findingTitle is the title of a file with a finding's evidence.
func findingTitle(f *rules.Finding) string { return f.ID + ": " + f.Title }
