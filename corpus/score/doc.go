// Package score compares netsift's answers on captures of known truth with that truth.
package score
