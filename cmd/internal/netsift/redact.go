package netsift

import (
	"fmt"
	"io"
	"slices"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/decode/wire"
)

// The length of a secret: that of one made for a single run, and the bounds of one in a file.
const newSecret, minSecret, maxSecret = 32, 16, 1 << 16

// newRedactionKey returns the key of a single run.
func newRedactionKey(e *Env) (*redact.Key, error) {
	secret := make([]byte, newSecret)
	if _, err := io.ReadFull(e.Random, secret); err != nil {
		return nil, fmt.Errorf("no random numbers for --redact: %w", err)
	}
	return redact.NewKey(secret), nil
}

// readRedactionKey reads the key of --redact-key.
func readRedactionKey(e *Env, name string) (*redact.Key, error) {
	f, err := open(e, name)
	if err != nil {
		return nil, usagef("--redact-key %s: %v; head -c 32 /dev/urandom > FILE makes a key", name, err)
	}
	defer f.Close()
	secret, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	switch {
	case err != nil:
		return nil, usagef("--redact-key %s: %v", name, err)
	case len(secret) < minSecret:
		return nil, usagef("--redact-key %s: has %d bytes, too few to keep a secret; make one with head -c 32 /dev/urandom > FILE", name, len(secret))
	case len(secret) > maxSecret:
		return nil, usagef("--redact-key %s: has more than %d bytes; is it a key?", name, maxSecret)
	}
	return redact.NewKey(secret), nil
}

// redactionOf returns what replaces names and addresses in the result of these captures.
func redactionOf(key *redact.Key, in []analyze.Input) *redact.Redaction {
	sources := make([]redact.Source, len(in))
	for i, label := range analyze.Labels(in) {
		sources[i] = redact.Source{File: in[i].Name, Label: label, Node: in[i].Node}
	}
	return redact.New(key, sources)
}

// hiding redacts frames on their way into a capture.
type hiding struct {
	*redact.Redaction
	frames *redact.Frames
}

// newHiding returns what redacts frames as r redacts all else, nil where r is nil. cfg says where tunnels are.
func newHiding(r *redact.Redaction, cfg analyze.Config) *hiding {
	if r == nil {
		return nil
	}
	return &hiding{r, redact.NewFrames(r.Key(), decode.Options{Ports: cfg.Ports})}
}

// head returns a frame's head as it may be shown. h is nil where nothing is hidden.
func (h *hiding) head(f *frameHead) frameHead {
	shown := *f
	if h != nil {
		shown.iface.Name, shown.iface.Description = h.InterfaceName(f.iface.Name), ""
	}
	return shown
}

// bytes returns what may be shown of a frame, which had wire bytes on the wire. It is valid until the next call. h is nil where nothing is hidden.
func (h *hiding) bytes(link capture.LinkType, data []byte, wire uint32) []byte {
	if h == nil {
		return data
	}
	return h.frames.Redact(link, data, wire)
}

// sighting returns a sighting as it may be shown. It is valid as long as the original. h is nil where nothing is hidden.
func (h *hiding) sighting(s *join.Sighting) *join.Sighting {
	if h == nil {
		return s
	}
	other := func(a wire.Addr) wire.Addr { return wire.AddrFrom(h.Addr(a.Netip())) }
	shown, p := *s, *s.Packet
	p.Src, p.Dst, p.MAC = other(p.Src), other(p.Dst), 0
	shown.Packet, shown.Encaps = &p, slices.Clone(s.Encaps)
	for i := range shown.Encaps {
		e := &shown.Encaps[i]
		e.Src, e.Dst = other(e.Src), other(e.Dst)
	}
	return &shown
}

// redacted returns a callback that hands on to next what r makes of a value; next itself where there is nothing to redact.
func redacted[T any](r *redact.Redaction, of func(*redact.Redaction, *T) *T, next func(*T)) func(*T) {
	if r == nil {
		return next
	}
	return func(x *T) { next(of(r, x)) }
}

func redactedConnections(r *redact.Redaction, next func(*fact.Connection)) func(*fact.Connection) {
	return redacted(r, (*redact.Redaction).Connection, next)
}
