package rules

import "strings"

// plain are the characters that no shell gives a meaning to within a word.
const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:,=+@%[]"

// ShellWord returns a word that a shell takes for s and nothing else: names come from strangers' packets, and commands are there to be
// pasted.
func ShellWord(s string) string {
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
