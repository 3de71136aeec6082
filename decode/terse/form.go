package terse

import "github.com/netsift/netsift/decode/wire"

// form is what the TCP headers of many frames have in common: their length, and their options but for fields.
type form struct {
	// bytes is the byte with the length, and the options with their fields 0.
	bytes  string
	fields []field // counted from the begin of the options
}

// forms are those met last, by number.
type forms struct {
	list   [maxForms]form
	n      int // how many there were in all
	number map[string]byte
}

const (
	maxForms = 255
	// newForm stands for the number of a form that was not met yet.
	newForm = maxForms
	// maxForm is the length of a form in bytes at most.
	maxForm = 1 + 60 - wire.TCPLen
)

// add makes a form the one met last, and returns its number.
func (fs *forms) add(b []byte) byte {
	n := byte(fs.n % maxForms)
	fs.n++
	x := &fs.list[n]
	if fs.number != nil {
		delete(fs.number, x.bytes)
		fs.number[string(b)] = n
	}
	x.bytes = string(b)
	x.fields = optionFields(x.fields[:0], b[1:])
	return n
}

// optionFields appends the fields of TCP options.
func optionFields(fields []field, b []byte) []field {
	for at := 0; at < len(b); {
		kind := b[at]
		if kind == 0 {
			break
		}
		if kind == 1 {
			at++
			continue
		}
		if at+1 >= len(b) {
			break
		}
		n := int(b[at+1])
		if n < 2 || at+n > len(b) {
			break
		}
		switch {
		case kind == 8 && n == 10: // timestamps, RFC 7323
			fields = append(fields, field{uint16(at + 2), 4, slotTSVal}, field{uint16(at + 6), 4, slotTSEcr})
		case kind == 5 && n%8 == 2: // SACK, RFC 2018
			for i := 0; i < min(n-2, 32); i += 4 {
				fields = append(fields, field{uint16(at + 2 + i), 4, slotSACK + slot(i/4)})
			}
		}
		at += n
	}
	return fields
}

// options returns the options of a TCP header that begins at at, none where its length is impossible or not all of it is there.
func options(b []byte, at int) []byte {
	n := int(b[at+12]>>4) * 4
	if n < wire.TCPLen || at+n > len(b) {
		return nil
	}
	return b[at+wire.TCPLen : at+n]
}
