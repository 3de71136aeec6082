// Package cluster says what the cluster is that captures were taken in: which address is a pod's, a node's or a Service's, and what
// an interface leads to.
//
// Knowledge comes in by two ways: it is learned from connections, as they end, and told by the user (dumps of links). There is one way
// out: names and roles, asked once, last, from everything that came in, in whatever order. What a stream is told on the way is what is
// known by then.
//
// No packet is known here: a Cluster sees what analysis made of packets.
package cluster
