// Package snapshot reads what a cluster said of itself beside the packets, as kubectl get -o json or -o yaml and commands on its nodes print it, and
// tells which object an address belonged to at a time. Objects are kept as far as names and causes need them, and no further:
// no Secret, no environment variable, no annotation and no command of a container is ever kept.
package snapshot
