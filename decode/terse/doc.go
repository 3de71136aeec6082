// Package terse codes the headers of a sequence of frames in few bytes: on traffic as clusters make it two to four a frame.
//
// It foretells each frame, and writes down where the frame is otherwise. A frame belongs to a track: frames of one place and one flow, whose headers
// are equal but for their fields (layout.go): lengths, identifications, sequence numbers, timestamps. The track that follows is foretold from what
// followed its predecessors last time, since a packet passes the interfaces of a node in the same order each time (track.go). The fields are
// foretold from the sighting of the same packet just before, or else from how far the flow was (foretell.go). What can't be foretold goes into
// columns, one for each kind of number, and these are compressed (columns.go).
//
// One function, codec.frame, is both coder and decoder, so that they can't differ.
package terse
