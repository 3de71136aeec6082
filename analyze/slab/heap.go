//go:build !(linux && (amd64 || arm64)) || heapslab

package slab

import "unsafe"

// OffHeap says whether slabs lie outside of the collected heap.
const OffHeap = false

// Used returns how much memory slabs take outside of the heap, in bytes.
func Used() int64 { return 0 }

// pieceBits is the binary logarithm of the number of values in a piece.
const pieceBits = 9

const pieceSize = 1 << pieceBits

// memory is pieces, so that it grows without moving.
type memory[T any] struct{ pieces []*[pieceSize]T }

// At returns the value with a number that Add returned. Number 0 is no one's and may be read as soon as anything was added.
func (m *memory[T]) At(id uint32) *T {
	// Not an index into the array: the compiler would look at its first byte before, in case there is none, and wait for that.
	return (*T)(unsafe.Add(unsafe.Pointer(m.pieces[id>>pieceBits]), uintptr(id%pieceSize)*m.size()))
}

// reach makes value n accessible.
func (m *memory[T]) reach(n uint32) {
	for int(n>>pieceBits) >= len(m.pieces) {
		m.pieces = append(m.pieces, new([pieceSize]T))
	}
}

func (m *memory[T]) bound(uint32) {}

func (m *memory[T]) release() {}
