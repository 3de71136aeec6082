package report

// Origin says how a report came about, for those who want to make it again and see the same.
type Origin struct {
	// Command is the command line, quoted for a shell.
	Command string
	// SHA256 are the checksums of the captures as they were read, in hex, one for each of Facts.Captures; "" where one
	// could not be read to its end.
	SHA256 []string
}
