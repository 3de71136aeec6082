// Package traffic writes captures of any length with known truth: what tcpdump -i any shows on a busy node of a cluster whose pods
// call Services on another node over VXLAN. It holds a frame at a time, and writes some millions a second.
//
// The cases of package cases say whether netsift understands what happens; this says whether it counts right, how fast it is, and
// what memory it takes.
package traffic
