// Package join makes connections of legs. A leg is attached to its connection at its birth, when its 5-tuple is seen for
// the first time: by the client's initial sequence number and timestamp, which NAT and tunnels leave alone, or, for what
// began before the capture, by the numbers of the very packet that another leg showed a moment ago. From then on all
// sightings of a connection meet in one state, and nothing waits for a connection to close, because a hung one never does. What
// becomes of that state is a life of its own (analyze/life).
package join
