package fact

import (
	"fmt"
	"net/netip"
)

// Neighbour is an address whose link-layer address was asked for, or claimed, by ARP (RFC 826) or neighbour discovery (RFC 4861), as the
// captures of one node show it. Probes for a duplicate, which have no address yet (RFC 5227; RFC 4862, section 5.4), are neither. What
// passes inside of a tunnel is not looked at.
type Neighbour struct {
	Addr netip.Addr
	// Node is the label of the node.
	Node string
	// Askers are the first few that asked for it, Claimants those that said it is theirs, in the order in which they came.
	Askers    []Asker
	Claimants []Claimant
	// Turns are the first few claims by another claimant than the one before, the very first included.
	Turns []Claim
}

// Asker is who asked for a neighbour. Further sightings of a question on its way count no more.
type Asker struct {
	Addr netip.Addr
	// Asked counts the questions, Answered the answers to it. First and Last bound the questions, LastAnswer is the time of its latest
	// answer, 0 for none.
	Asked, Answered         uint64
	First, Last, LastAnswer int64
	// Run is the longest run of questions without an answer.
	Run Run
	Place
	// CameIn says that its questions came in by the interface of Place. WentOut says that they went out by some: it is the machine itself
	// that asks, where CameIn is false.
	CameIn, WentOut bool
	// Alone says that nobody else's questions or answers came in by that interface.
	Alone bool
}

// Run is questions none of which was answered before the next one.
type Run struct {
	Count       uint64
	First, Last int64
	// Ended is when an answer came after all, 0 for never.
	Ended int64
	// Marks are the first few frames.
	Marks []Ref
}

// Place is an interface of a capture.
type Place struct {
	Capture   int
	Interface uint32
	// Mixed is as in View.
	Mixed bool
}

// MAC is a link-layer address of Ethernet, in the low 48 bits.
type MAC uint64

// String returns the usual notation: 0a:58:0a:f4:02:08.
func (m MAC) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", byte(m>>40), byte(m>>32), byte(m>>24), byte(m>>16), byte(m>>8), byte(m))
}

// Claimant is a link-layer address that claimed to have the neighbour's address: by answers, by announcements nobody asked for, or
// as the sender of questions.
type Claimant struct {
	MAC MAC
	// Count counts its claims, Answers those that are answers. Further sightings count no more.
	Count, Answers uint64
	First, Last    int64
	// CameIn says that claims came in by an interface, or that the capture does not say which way they went: another machine makes them.
	CameIn bool
	// Places are the first few interfaces that showed them.
	Places []Place
}

// Claim is one claim.
type Claim struct {
	MAC MAC
	// Answer says that it is an answer.
	Answer bool
	Time   int64
	Ref    Ref
}

// Contested reports whether two link-layer addresses that show on one interface claim the address in turns: each answers the question that
// the other one answers, or one of them speaks again after the other did. It returns those claims, nil where there are none.
// A pod that took over another one's address is the last to speak.
func (n *Neighbour) Contested() []Claim {
	for i := range n.Claimants {
		for k := range i {
			if list := n.between(&n.Claimants[k], &n.Claimants[i]); list != nil {
				return list
			}
		}
	}
	return nil
}

// soon is within how many nanoseconds two hosts answer one and the same question, and turns within how many one speaks again.
const soon, turns = 100e6, 120e9

func (n *Neighbour) between(a, b *Claimant) []Claim {
	if !a.meets(b) {
		return nil
	}
	var list []Claim
	contested := false
	for _, c := range n.Turns {
		if c.MAC != a.MAC && c.MAC != b.MAC || len(list) > 0 && list[len(list)-1].MAC == c.MAC {
			continue
		}
		list = append(list, c)
		at := len(list) - 1
		contested = contested || at >= 2 && c.Time-list[at-2].Time <= turns ||
			at >= 1 && c.Answer && list[at-1].Answer && c.Time-list[at-1].Time <= soon
	}
	// A sender's address in questions may be that of another interface (net.ipv4.conf.all.arp_announce): both have to answer, or to speak often.
	const often = 5
	if !contested || (a.Answers == 0 || b.Answers == 0) && len(list) < often {
		return nil
	}
	return list
}

// meets reports whether two claimants show on one interface. Where the capture does not tell interfaces apart, what the machine itself
// claims may be on another one.
func (c *Claimant) meets(other *Claimant) bool {
	for _, p := range c.Places {
		for _, q := range other.Places {
			if p == q && (!p.Mixed || c.CameIn && other.CameIn) {
				return true
			}
		}
	}
	return false
}
