// Package dump reads what ip, bridge, iptables-save, nft, ipvsadm, conntrack and sysctl print on a node: what causes of failures are told
// from, and no more. A dump is read as a whole or not at all, because what is missing in a half would look like a fault.
package dump
