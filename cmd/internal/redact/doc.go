// Package redact takes from evidence what identifies a network, so that it may leave the company, and leaves what shows
// how the network failed.
//
// A Key replaces addresses and names, each always by the same other, so that what belonged together still does. The
// scheme for addresses is that of Crypto-PAn (Xu, Fan, Ammar, Moon: Prefix-Preserving IP Address Anonymization, 2002; RFC 6235,
// section 4.1), with a padding for each position: two addresses that share n bits share n bits afterwards, so that subnets stay
// subnets.
//
// # What is not hidden
//
// The shape of the traffic: times, sizes, ports, TTLs, sequence numbers, how many talk to how many. A reader who knows
// part of the traffic finds it again and learns its new addresses. Prefixes then reveal more than a plain table would:
// a reader who knows that a became b knows the first n bits of every address that shares n bits with a. All schemes that
// preserve prefixes have this limit (RFC 6235, section 4.1). If that is too much, don't give the capture away.
// Addresses and labels that mean the same in all networks stay: loopback, multicast, link-local IPv4, svc.cluster.local.
package redact
