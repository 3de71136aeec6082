package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var tailLossProbe = Case{
	Name:  "tail-loss-probe",
	About: "A tail-loss probe that was not needed, answered by a D-SACK: nothing was lost.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(60000)
		s.Wait(3 * time.Millisecond)
		k.Server.Again(1000)
		k.Client.DSACK(1000)
		k.Close()
		s.Shown(k)
		s.Healthy()
	},
}
