// Package score compares what netsift says about captures of known truth with that truth.
package score
