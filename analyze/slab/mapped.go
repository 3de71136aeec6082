//go:build linux && (amd64 || arm64) && !heapslab

package slab

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

// OffHeap says whether slabs lie outside of the collected heap.
const OffHeap = true

const (
	// reserved is how much address space a slab takes, in bytes: more than any machine has memory for connections, and a thousandth of
	// the process's own. It costs nothing until it is used. least is the least that must be left where ulimit -v leaves less.
	reserved, least = 1 << 36, 1 << 25
	// huge is the size of a huge page (Documentation/admin-guide/mm/transhuge.rst), step that by which a slab grows.
	huge, step = 2 << 20, huge
	// hugePages is MADV_HUGEPAGE (madvise(2)).
	hugePages = 14
)

// used is how much all slabs take, in bytes.
var used atomic.Int64

// Used returns how much memory slabs take outside of the heap, in bytes.
func Used() int64 { return used.Load() }

// memory is a piece of address space that is made accessible from its beginning.
type memory[T any] struct {
	start  unsafe.Pointer
	mapped []byte
	// open is how many bytes from start on are accessible, most how many ever will be, 0 if that is not known.
	open, most uintptr
}

// bound says that there will be no more than n values.
func (m *memory[T]) bound(n uint32) { m.most = (uintptr(n) + 1) * m.size() }

// At returns the value with a number that Add returned. Number 0 is no one's and may be read as soon as anything was added.
func (m *memory[T]) At(id uint32) *T { return (*T)(unsafe.Add(m.start, uintptr(id)*m.size())) }

// reach makes value n accessible.
func (m *memory[T]) reach(n uint32) {
	end := (uintptr(n) + 1) * m.size()
	if m.start == nil {
		m.reserve()
	}
	for m.open < end {
		// Not accessible until it is wanted: a system that promises no more memory than it has (vm.overcommit_memory = 2) counts that.
		from := uintptr(m.start) - uintptr(unsafe.Pointer(&m.mapped[0])) + m.open
		if from+step > uintptr(len(m.mapped)) {
			panic(FullError{syscall.ENOMEM})
		}
		if err := syscall.Mprotect(m.mapped[from:from+step], syscall.PROT_READ|syscall.PROT_WRITE); err != nil {
			panic(FullError{err})
		}
		m.open += step
		used.Add(step)
	}
}

func (m *memory[T]) reserve() {
	size := reserved
	if m.most != 0 {
		size = min(size, int(m.most+2*huge)) // it is aligned, and grows in steps
	}
	b, err := inaccessible(size)
	for size /= 2; err != nil && size >= least; size /= 2 {
		if b, err = inaccessible(size); err == nil { // other slabs need some of it
			_ = syscall.Munmap(b)
			b, err = inaccessible(size / 4)
			break
		}
	}
	if err != nil {
		panic(FullError{err})
	}
	m.mapped = b
	before := -uintptr(unsafe.Pointer(&m.mapped[0])) % huge
	m.start = unsafe.Pointer(&m.mapped[before])
	// Not the first, most of which a short capture leaves alone. A kernel without huge pages says EINVAL, and all works the same.
	_ = syscall.Madvise(m.mapped[before+huge:], hugePages)
}

func inaccessible(size int) ([]byte, error) {
	return syscall.Mmap(-1, 0, size, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
}

func (m *memory[T]) release() {
	if m.mapped != nil {
		used.Add(-int64(m.open))
		_ = syscall.Munmap(m.mapped) // it does not fail on mapped memory
	}
}
