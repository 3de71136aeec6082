// Package trace draws up the packet walk of one connection: through which views its packets went in each direction, what was
// done to them on the way, how long it took, and between which two views those that did not arrive were lost.
//
// A Recorder takes the connection's sightings from the joiner in a second pass. Build makes the walk from them.
// It works on transmissions: a packet sent again is another transmission, a GSO packet and its segments are one. A
// hop's sighting is matched by TCP's numbers and timestamps and by the IP id, or by the payload, all of
// which translation and tunnels leave alone.
//
// Unknowns stay open: a loss is only counted if the capture of the next hop was running, and no time is
// given that is below the error of the clocks it was measured with.
package trace
