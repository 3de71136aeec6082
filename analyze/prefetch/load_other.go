//go:build !amd64 && !arm64

package prefetch

import "unsafe"

func load(*[size]unsafe.Pointer, int) {}

func own(unsafe.Pointer, uintptr) {}
