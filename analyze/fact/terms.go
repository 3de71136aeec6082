package fact

// Terms are a protocol's names for what opens a connection, accepts it, breaks it off and closes it.
type Terms struct{ Open, Accept, Abort, Shut string }

// Terms returns the names that the protocol has; for those without connections, TCP's.
func (p Proto) Terms() Terms {
	if p == SCTP {
		return Terms{"INIT", "INIT-ACK", "ABORT", "SHUTDOWN"}
	}
	return Terms{"SYN", "SYN-ACK", "RST", "FIN"}
}

// AnAbort returns Abort with its article.
func (t Terms) AnAbort() string {
	if t.Abort == "ABORT" {
		return "an ABORT"
	}
	return "a " + t.Abort
}
