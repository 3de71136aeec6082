package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var snapshotOld = Case{
	Name: "snapshot-old", About: "A pod and a Service came hours after the snapshot of the cluster was taken.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Wait(2 * time.Hour)
		later := s.Nodes[0].Pod(9)
		fresh := s.Service("default/fresh", "10.96.0.77:80").Endpoints(s.Other.Port(8080))
		s.Shown(later.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(fresh.VIP()))
		s.Known = s.Objects().Taken(10 * time.Minute)
		s.Expect("cap-snapshot-old", rules.Place{Client: later.Addr()})
		s.Expect("cap-snapshot-old", rules.Place{Client: s.Client.Addr(), Service: fresh.VIP()})
		s.Forbid("svc-unlisted")
	},
}

var snapshotShort = Case{
	Name: "snapshot-short", About: "A pod that speaks ends within the minutes in which the snapshot is taken.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		job := s.Nodes[0].Pod(9)
		s.Shown(job.Get(s.Web.VIP()))
		s.Wait(4 * time.Minute)
		s.Shown(job.Get(s.Web.VIP()))
		s.Known = s.Objects().Taken(time.Minute).Without(job)
		s.Healthy()
	},
}

var snapshotOfOne = Case{
	Name: "snapshot-of-one", About: "The snapshot has one namespace, and packets of others are in the capture, for an hour.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Wait(time.Hour)
		later := s.Nodes[0].Pod(9)
		s.Shown(s.Client.Get(s.Web.VIP()), later.Get(s.Web.VIP()))
		s.Known = s.Objects().Taken(10 * time.Minute).Of("default")
		s.Healthy()
	},
}
