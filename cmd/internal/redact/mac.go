package redact

import (
	"encoding/binary"
	"net/netip"
)

// MAC returns what stands for an Ethernet address. The bits for groups and for local administration stay, and so do
// addresses that name nobody: zero, broadcast, the groups of protocols. A vendor's prefix is not preserved: container
// runtimes write a pod's IP address into its MAC address, which would then tell of another.
func (k *Key) MAC(mac [6]byte) [6]byte {
	switch c := macClassOf(mac); c {
	case macKept:
		return mac
	case macSolicited:
		// It is the last 32 bits of the group that a neighbour is asked by (RFC 2464, section 7).
		group := k.Addr(netip.AddrFrom16([16]byte{0xff, 2, 11: 1, 12: 0xff, 13: mac[3], 14: mac[4], 15: mac[5]})).As16()
		copy(mac[3:], group[13:])
		return mac
	default:
		mac = k.shuffle(mac)
		for macClassOf(mac) != c {
			mac = k.shuffle(mac)
		}
		return mac
	}
}

// macClass is what a MAC address is for, like class.
type macClass uint8

const (
	macOther macClass = iota
	macKept
	macSolicited
)

func macClassOf(mac [6]byte) macClass {
	switch mac {
	case [6]byte{}, [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}:
		return macKept
	case [6]byte{0xee, 0xee, 0xee, 0xee, 0xee, 0xee}: // the node's end of every pod's veth under Calico
		return macKept
	}
	if mac[0] == 0x33 && mac[1] == 0x33 { // IPv6 multicast, RFC 2464, section 7
		if mac[2] == 0xff {
			return macSolicited
		}
		return macKept
	}
	switch [3]byte(mac[:3]) {
	case [3]byte{0x01, 0x00, 0x5e}, // IPv4 multicast, RFC 1112, section 6.4
		[3]byte{0x01, 0x80, 0xc2}, // bridges: spanning tree, LLDP, LACP (IEEE 802.1Q, table 8-1)
		[3]byte{0x01, 0x00, 0x0c}: // Cisco's discovery and spanning tree
		return macKept
	}
	return macOther
}

const (
	halfBits = 23
	halfMask = 1<<halfBits - 1
	// Four rounds are a strong pseudorandom permutation (Luby and Rackoff, 1988).
	rounds = 4
)

// shuffle is a Feistel network over the 46 bits that are neither the group nor the local bit, with AES as its function.
func (k *Key) shuffle(mac [6]byte) [6]byte {
	v := uint64(mac[0]>>2)<<40 | uint64(mac[1])<<32 | uint64(binary.BigEndian.Uint32(mac[2:]))
	left, right := uint32(v>>halfBits), uint32(v&halfMask)
	for round := range byte(rounds) {
		block := [16]byte{0: round, 1: mac[0] & 3}
		binary.BigEndian.PutUint32(block[4:], right)
		k.link.Encrypt(block[:], block[:])
		left, right = right, left^binary.BigEndian.Uint32(block[:])&halfMask
	}
	v = uint64(left)<<halfBits | uint64(right)
	out := [6]byte{byte(v>>40)<<2 | mac[0]&3, byte(v >> 32)}
	binary.BigEndian.PutUint32(out[2:], uint32(v))
	return out
}
