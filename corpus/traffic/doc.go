// Package traffic writes captures of any length with known truth, as by tcpdump -i any on a busy node of a cluster whose pods
// call Services on another node over VXLAN. It holds a frame at a time, and writes some millions a second.
//
// Package cases shows whether netsift understands situations; this one shows whether it counts right, how fast it is, and
// how much memory it takes.
package traffic
