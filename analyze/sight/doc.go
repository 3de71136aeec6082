// Package sight says of each packet where it was seen: in which leg (a 5-tuple in one encapsulation on one node), in
// which view of it (an interface and a direction), and whether that view shows these bytes for the first time.
//
// It is the hot part of analysis: one table lookup and one short list per packet, over slabs of pointer-free structs that
// the garbage collector need not look at.
package sight
