// Package sight records where each packet was seen: in which leg (a 5-tuple in one encapsulation on one node), in
// which view of it (an interface and a direction), and whether that view shows these bytes for the first time.
//
// It is the hot part of analysis: a packet's place is hashed, and an index leads from there to the view, which knows its leg and whom that
// belongs to. A leg is looked for by its key only where a packet is the first one in its place.
package sight
