package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var synUnfinished = Case{
	Name:  "syn-unfinished",
	About: "The capture ends with a SYN on its way: unfinished, and no hang.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		good := s.Client.Get(s.Web.VIP())
		s.Wait(time.Second)
		s.Drop(build.InPod, nil)
		k := s.Dial(s.Client, s.Web.VIP(), build.Dialer{Tries: 1})
		k.End = build.Unfinished
		s.Shown(good, k)
		s.Healthy()
	},
}
