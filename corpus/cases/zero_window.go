package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// pause closes the window of one end for so many probes of the other, each after twice the time of the one before, and opens it again.
func pause(s *Scene, reader, writer *build.Endpoint, probes int) {
	reader.Window(false)
	reader.Ack()
	for i := range probes {
		s.Wait(200 * time.Millisecond << i)
		writer.KeepAlive()
		reader.Ack()
	}
	reader.Window(true)
	reader.Ack()
}

var zeroWindow = Case{
	Name:  "zero-window",
	About: "A reader takes a short pause: window 0, and probes that are answered.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(30000)
		pause(s, k.Client, k.Server, 3)
		k.Reply(30000)
		k.Close()
		s.Shown(k)
		s.Healthy()
	},
}

var appZeroWindow = Case{
	Name:  "app-zero-window",
	About: "A client asks for much and does not read for twelve seconds: its window is closed, the server's probes are answered, and then all goes on.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(30000)
		pause(s, k.Client, k.Server, 6)
		k.Reply(30000)
		k.Close()
		s.Shown(k, s.Same.Get(s.Web.VIP()))
		s.Expect("app-zero-window", place(k)).Severity = rules.Warning
		s.Truth.Layer = rules.LayerApp
		s.Forbid("tcp-loss", "cni-mtu-blackhole")
	},
}

var appZeroWindowServer = Case{
	Name:  "app-zero-window-server",
	About: "A server takes an upload and stops reading for six seconds, over IPv6.",
	Script: func(s *Scene) {
		s.Start(build.Options{IPv6: true})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(30000)
		pause(s, k.Server, k.Client, 5)
		k.Send(30000)
		k.Reply(190)
		k.Close()
		s.Shown(k)
		s.Expect("app-zero-window", place(k)).Severity = rules.Warning
		s.Truth.Layer = rules.LayerApp
		s.Forbid("tcp-loss", "cni-mtu-blackhole")
	},
}
