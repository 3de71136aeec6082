package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var formEmpty = Case{
	Name:  "form-empty",
	About: "A capture without a single packet: the wrong interface, or too short.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Expect("cap-empty", rules.Place{})
		s.Truth.Layer = rules.LayerCapture
		s.Healthy()
	},
}
