// Package slab holds many values of one type, addressed by small numbers. It grows in pieces, so that nothing is copied and
// pointers stay valid; values without pointers cost the garbage collector nothing, however many there are.
package slab

import "unsafe"

// pieceBits is the binary logarithm of the number of values in a piece.
const pieceBits = 9

const pieceSize = 1 << pieceBits

// Slab holds values of type T. The zero Slab is empty and ready for use.
type Slab[T any] struct {
	pieces []*[pieceSize]T
	n      uint32
	free   []uint32
}

// Add returns the number of an unused value, which is zero. The first number is 1: 0 is for none.
func (s *Slab[T]) Add() uint32 {
	if n := len(s.free); n > 0 {
		id := s.free[n-1]
		s.free = s.free[:n-1]
		return id
	}
	s.n++
	if int(s.n>>pieceBits) >= len(s.pieces) {
		s.pieces = append(s.pieces, new([pieceSize]T))
	}
	return s.n
}

// At returns the value with a number that Add returned. Number 0 is no one's and may be read as soon as anything was added.
func (s *Slab[T]) At(id uint32) *T {
	// Not an index into the array: the compiler would look at its first byte before, in case there is none, and wait for that.
	return (*T)(unsafe.Add(unsafe.Pointer(s.pieces[id>>pieceBits]), uintptr(id%pieceSize)*unsafe.Sizeof(*new(T))))
}

// Remove makes a number unused and clears its value.
func (s *Slab[T]) Remove(id uint32) {
	var zero T
	*s.At(id) = zero
	s.free = append(s.free, id)
}

// Len returns how many values are in use.
func (s *Slab[T]) Len() int { return int(s.n) - len(s.free) }
