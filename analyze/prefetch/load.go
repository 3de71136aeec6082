//go:build amd64 || arm64

package prefetch

import "unsafe"

//go:noescape
func load(at *[size]unsafe.Pointer, n int)

//go:noescape
func own(p unsafe.Pointer, n uintptr)
