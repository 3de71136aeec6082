// Package analyze turns captures into facts: it reads and decodes captures ahead, merges them in corrected time, and leads every packet through sight, join and lookup. The packages below it have no goroutines.
//
// A file is a stream that ends: one engine serves files and live input.
package analyze
