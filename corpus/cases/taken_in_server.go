package cases

var takenInServer = Case{
	Name:  "taken-in-server",
	About: "The backend refuses, with a capture in its pod: there the RST begins, and no node made it.",
	Script: func(s *Scene) {
		appRefused.Script(s)
		s.Also("pod", s.Other)
	},
}
