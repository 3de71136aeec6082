package cases

var tcpLossReceived = Case{
	Name: "tcp-loss-received",
	About: "The network loses packets, and only the receiver's node is captured: holes that are filled by later packets. The lost ones were never there to be " +
		"seen twice.",
	Script: func(s *Scene) {
		tcpLoss.Script(s)
		s.Only(s.Nodes[0])
	},
}
