package redact

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// panKeyLen is the length in bytes of Crypto-PAn's key: an AES key of 128 bits and what becomes the padding.
const panKeyLen = 2 * aes.BlockSize

// pan is a permutation as Crypto-PAn's: whether a bit is flipped depends on all bits before it, and on nothing else. So
// it preserves prefixes, and it can be undone bit by bit with the key only.
//
// Crypto-PAn has one padding behind the bits before, whatever their number. Where the next bit of an address is that of the
// padding, two neighbours are flipped by the same block, in three of four cases alike, and octets survive far more often than
// chance has it. Here each position has a padding of its own, for the whole block.
type pan struct {
	cipher cipher.Block
	pads   [128][aes.BlockSize]byte
}

func newPAN(key [panKeyLen]byte) *pan {
	c, err := aes.NewCipher(key[:aes.BlockSize])
	if err != nil {
		panic(err) // of the key's length only
	}
	paddings, err := aes.NewCipher(key[aes.BlockSize:])
	if err != nil {
		panic(err)
	}
	p := &pan{cipher: c}
	for i := range p.pads {
		var position [aes.BlockSize]byte
		binary.BigEndian.PutUint64(position[8:], uint64(i))
		paddings.Encrypt(p.pads[i][:], position[:])
	}
	return p
}

// mustMove is how many bits, the first of those that are replaced, never stay as they are altogether: by chance one address in
// 256 would keep them, and an address of a class with few bits all of it.
const mustMove = 8

// permute returns a with its bits from (counted from the first) to, exclusive, replaced. The first mustMove of them change.
func (p *pan) permute(a [16]byte, from, to int) [16]byte {
	out := a
	var before, block [16]byte // the first i bits of the original, and them with the padding of i
	moved := false
	for i := range to {
		at, bit := i/8, byte(0x80)>>(i%8)
		if i >= from {
			for k := range block {
				block[k] = before[k] ^ p.pads[i][k]
			}
			p.cipher.Encrypt(block[:], block[:])
			// Whether one before it moved depends on the bits before it, too.
			if block[0]&0x80 != 0 || !moved && i == from+mustMove-1 {
				out[at] ^= bit
				moved = true
			}
		}
		before[at] |= a[at] & bit
	}
	return out
}
