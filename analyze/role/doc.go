// Package role tells what an address is in a cluster (node, pod, Service, external) from how its packets come and go.
package role
