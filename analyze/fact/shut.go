package fact

// Shut is a receive window that was closed (RFC 9293, section 3.8.6.1).
type Shut struct {
	// First is when it was closed, Last when it was last said to be, or opened.
	First, Last int64
	// Announced is how often its sender said that it is closed.
	Announced int
	// Reopened says that it was opened again.
	Reopened bool
}

// Long reports whether the window was closed for seconds, and its sender said so when it was asked: a pause that a person waits for.
func (s *Shut) Long() bool {
	const long = 3e9
	return s.Last-s.First >= long && s.Announced > 1
}
