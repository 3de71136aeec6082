// Package sarif writes reports in the Static Analysis Results Interchange Format 2.1.0 (OASIS), which code scanning services and
// editors read. Section numbers in comments are those of its specification.
package sarif
