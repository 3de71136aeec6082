// Package analyze turns captures into facts. It is the only package with goroutines: it reads and decodes each capture
// on its own, merges them in corrected time, and leads every packet through sight, join and lookup.
//
// A file is a stream that ends: the same Engine serves files and live input.
package analyze
