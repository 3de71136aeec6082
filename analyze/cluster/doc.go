// Package cluster says what the cluster is that captures were taken in: which address is a pod's, a node's or a Service's, and what
// an interface leads to.
//
// Knowledge comes in by two ways: it is learned from connections, as they end, and told by the user (dumps of links). There is one way
// out: names and roles, asked once, last, from everything that came in, in any order. A stream that asks earlier gets the names known by
// then.
//
// A Cluster sees no packets, only connections.
package cluster
