package fact

import "github.com/netsift/netsift/decode"

// Where is the place at which a connection's packets vanish: between two views of one node.
type Where struct {
	// After is the last view that shows them, Before the first that should show them and does not.
	After, Before Viewpoint
	// Flow is the direction in which they travel.
	Flow Direction
	// Packets counts those that vanish there, Of all that the sender sent in that direction.
	Packets, Of uint64
	// Smallest and Largest are the lengths of the lost IP packets in bytes, GSO packets among them; 0 where they are not known.
	Smallest, Largest uint32
}

// Viewpoint is an interface of a node and a direction on it.
type Viewpoint struct {
	Node string
	// Interface is its index, Name and Role as in View.
	Interface uint32
	Name      string
	Role      InterfaceRole
	Dir       decode.Direction
}
