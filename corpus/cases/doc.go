// Package cases holds situations of cluster networking as captures with their truth: for each rule at least one in which it
// must speak and a look-alike in which it must not, and ordinary life that is no fault at all. One file a situation.
package cases
