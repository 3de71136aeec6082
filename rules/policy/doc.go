// Package policy holds a user's choices about the rules: which are on, how severe they are, their thresholds, findings that are
// known and accepted, and rules of the user's own. Parse reads it from the text of a netsift.yaml. It finds all mistakes, with
// line and column, so that nothing is left to fail in the middle of an analysis.
//
// A policy is data and never changes. The state of one analysis is in a Review: rules of the user's own see each connection
// and lookup as it passes, which makes their counts exact, and keep a bounded part of it.
package policy
