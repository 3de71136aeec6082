// Package life follows what a connection lives through: a fold over its packets, each with its place. The state of a connection goes in with
// a packet, and its stage comes out; at the end, or at any time before, the state is concluded to facts. A life knows nothing of other
// connections: which one a packet belongs to, and what only others show, is its owner's to say (analyze/join).
package life
