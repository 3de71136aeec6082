// Package wire has one view for each protocol header: a byte slice with a method for each field.
//
// A view never copies and never fails: its Valid method says whether enough bytes are there, and once it has said so
// every accessor works. A view does not know what follows its header; package decode drives from one to the next.
package wire

import "encoding/binary"

var be = binary.BigEndian
