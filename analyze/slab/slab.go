// Package slab holds many values of one type, addressed by small numbers. They never move, so that pointers to them stay valid,
// and must hold no pointers themselves: the garbage collector does not look at them.
//
// On Linux for amd64 and arm64 they lie outside of the collected heap, in huge pages: with hundreds of megabytes used at random, looking
// up a page's address takes longer than reading from it, and garbage is not allowed to grow with them. Elsewhere they lie in the heap.
package slab

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Slab holds values of type T. The zero Slab is empty and ready for use.
type Slab[T any] struct {
	memory[T]
	n    uint32
	free []uint32
}

// FullError is Add's panic when the system refuses memory or address space. analyze.Run recovers it; an error from every
// call would cost the hot path and help no caller.
type FullError struct{ Err error }

// Error implements error.
func (e FullError) Error() string {
	return fmt.Sprintf("the system gives no more memory (see ulimit -v and --max-memory): %v", e.Err)
}

// Unwrap returns Err.
func (e FullError) Unwrap() error { return e.Err }

// Bound says, before the first Add, that there will be no more than n values at a time: less address space is taken then.
func (s *Slab[T]) Bound(n uint32) { s.bound(n) }

// Add returns the number of an unused value, which is zero. The first number is 1: 0 is for none. It may panic with a FullError.
func (s *Slab[T]) Add() uint32 {
	if n := len(s.free); n > 0 {
		id := s.free[n-1]
		s.free = s.free[:n-1]
		return id
	}
	if s.n == 0 {
		mustBePlain(reflect.TypeFor[T]())
	}
	s.n++
	s.reach(s.n)
	return s.n
}

// Remove makes a number unused and clears its value.
func (s *Slab[T]) Remove(id uint32) {
	var zero T
	*s.At(id) = zero
	s.free = append(s.free, id)
}

// Clear makes all numbers unused and clears their values.
func (s *Slab[T]) Clear() {
	var zero T
	for id := uint32(1); id <= s.n; id++ {
		*s.At(id) = zero
	}
	s.n, s.free = 0, s.free[:0]
}

// Len returns how many values are in use.
func (s *Slab[T]) Len() int { return int(s.n) - len(s.free) }

// Release gives the memory of all values back. The slab is empty then.
func (s *Slab[T]) Release() {
	s.release()
	*s = Slab[T]{}
}

// mustBePlain panics if a type has pointers: the collector would not see where they lead.
func mustBePlain(t reflect.Type) {
	switch t.Kind() {
	case reflect.Array:
		mustBePlain(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			mustBePlain(t.Field(i).Type)
		}
	case reflect.Pointer, reflect.UnsafePointer, reflect.String, reflect.Slice, reflect.Map, reflect.Chan, reflect.Func, reflect.Interface:
		panic(fmt.Sprintf("slab: a %v is a pointer", t))
	}
}

// size returns how many bytes a value takes.
func (m *memory[T]) size() uintptr { return unsafe.Sizeof(*new(T)) }
