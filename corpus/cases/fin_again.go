package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var finAgain = Case{
	Name:  "fin-again",
	About: "The server's last FIN is lost on its way, again and again, until it gives up: nobody waits for anything any more.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		k.Client.Fin()
		k.Server.Ack()
		s.Drop(build.Uplink, func(p build.Packet) bool { return p.FIN })
		k.Server.Fin()
		for i := range 4 {
			s.Wait(204 * time.Millisecond << i)
			k.Server.FinAgain()
		}
		s.Forbid("tcp-loss", "ct-stale-blackhole", "cni-mtu-blackhole")
	},
}
