// Package plugin is kubectl netsift: it captures on the nodes of a cluster that packets of what fails cross, all at once, and has the program
// netsift read the streams while they come (cmd/internal/netsift, live).
//
// [Run] takes arguments. A target (target.go) is what the user names, and the nodes that it is on are captured on. On each of them a pod in the
// node's network runs (pod.go), and in it tcpdump, whose output comes through the API server (session.go, exec.go); a stream that ends early is begun
// anew (stream.go). Beside, the objects of the cluster and what commands print on the nodes are taken (objects.go, dumps.go): the snapshot. Captures and
// snapshot are files that netsift opens (files.go), and that may be saved (bundle.go). All of the outside is behind an [Env] and a cluster.
package plugin
