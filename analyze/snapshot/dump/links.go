package dump

import (
	"bytes"
	"io"
	"strings"

	"github.com/netsift/netsift/analyze/cluster"
)

// maxLinks bounds a dump of links in bytes.
const maxLinks = 16 << 20

// links reads what ip addr or ip -d link printed.
func (p *parser) links(in io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(in, maxLinks+1))
	if err != nil {
		return err
	}
	if p.dump.Links, err = cluster.ParseLinks(bytes.NewReader(text)); err != nil {
		return err
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if !bytes.HasPrefix(line, []byte("inet")) && !bytes.HasPrefix(line, []byte("vxlan ")) && !bytes.HasPrefix(line, []byte("ipip ")) {
			continue
		}
		words := strings.Fields(string(line[:min(len(line), 512)]))
		if strings.HasPrefix(words[0], "inet") && len(words) > 1 {
			p.local(words[1])
		} else {
			p.local(after(words, "local"))
		}
	}
	if !p.take(len(p.dump.Links)) {
		return ErrFull
	}
	return nil
}
