// Package traffic writes captures of any length with known truth, as by tcpdump -i any on a busy node of a cluster whose pods
// call Services on another node over VXLAN; or the captures of several such nodes, between which all connections go. It holds a frame at a time, and
// writes some millions a second.
//
// Everyone who sends has a next time, and the earliest is next. Handshakes, answers and name lookups take fractions of a
// millisecond to some milliseconds, a lost request 210 ms; between requests clients think. Long connections, of which as
// many are open at any time as the options say, mostly think; short ones come and go among them.
//
// Package cases shows whether netsift understands situations; this one shows whether it counts right, how fast it is, and
// how much memory it takes.
package traffic
