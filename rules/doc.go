// Package rules judges facts: one file a rule, each with its documentation as data, the evidence it needs and the
// look-alikes it was told from. Judge runs the catalogue and resolves which finding explains which.
package rules
