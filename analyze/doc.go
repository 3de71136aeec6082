// Package analyze turns captures into facts. It reads and decodes captures ahead, merges them in corrected time, and leads every packet through
// sight and join, which say whose it is (follow, in engine.go). What that finds, connections that end and DNS messages, is digested: lookup follows
// the questions, cluster learns what addresses are, and the ledger keeps what rules look at (digest.go). The packages below it have no goroutines.
//
// A file is a stream that ends: one engine serves files and live input.
package analyze
