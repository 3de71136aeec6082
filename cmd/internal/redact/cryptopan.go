package redact

import (
	"crypto/aes"
	"crypto/cipher"
)

// panKeyLen is the length in bytes of Crypto-PAn's key: an AES key of 128 bits and what becomes the padding.
const panKeyLen = 2 * aes.BlockSize

// pan is the permutation of Crypto-PAn: whether a bit is flipped depends on all bits before it, and on nothing else. So
// it preserves prefixes, and it can be undone bit by bit with the key only.
type pan struct {
	cipher cipher.Block
	pad    [aes.BlockSize]byte
}

func newPAN(key [panKeyLen]byte) *pan {
	c, err := aes.NewCipher(key[:aes.BlockSize])
	if err != nil {
		panic(err) // of the key's length only
	}
	p := &pan{cipher: c}
	c.Encrypt(p.pad[:], key[aes.BlockSize:])
	return p
}

// permute returns a with its bits from (counted from the first) to, exclusive, replaced.
func (p *pan) permute(a [16]byte, from, to int) [16]byte {
	out, block := a, p.pad
	var flip [16]byte
	for i := range to {
		at, bit := i/8, byte(0x80)>>(i%8)
		if i >= from {
			p.cipher.Encrypt(flip[:], block[:])
			if flip[0]&0x80 != 0 {
				out[at] ^= bit
			}
		}
		// The block is the first i bits of the original, and the padding behind them.
		block[at] = block[at]&^bit | a[at]&bit
	}
	return out
}
