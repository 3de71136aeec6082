// Package build makes captures of Kubernetes nodes out of Kubernetes words: a cluster with nodes, pods and Services, and
// connections between them. A packet is led through the kernel's path (bridge, conntrack, kube-proxy's translation, routing,
// tunnel) and leaves a frame at every interface where tcpdump -i any would show it, byte for byte with the TTL, the IP id and
// the wrong checksum that it has there.
//
// Scripts run in simulated time, which Cluster.Wait advances. The kernel's random values (ports, sequence numbers,
// microseconds) come from a seeded generator: the same script makes the same bytes.
package build
