package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var appZeroWindow = Rule{
	ID: "app-zero-window", Layer: LayerApp, Severity: Warning, Since: "0.1.0",
	Title: "a receiver does not read, and its peer waits",
	Text: "One end announced a receive window of zero for seconds, and again when it was probed: its application does not read what has " +
		"arrived. Until it does, the other end may not send. The network is not at fault: nothing was lost.",
	Needs:    "a receive window of zero for three seconds or longer, announced more than once",
	Explains: []string{"tcp-loss", "cni-mtu-blackhole", "ct-stale-blackhole"},
	ToldFrom: []string{
		"tcp-loss: there data does not arrive; here it may not be sent",
		"an application that takes its time to answer: there the window stays open",
		"cni-mtu-blackhole: there the receiver keeps asking for what is missing, with its window open",
	},
	NextSteps: []string{
		"kubectl exec -n NAMESPACE POD -- ss -tnm   # at the end that does not read: Recv-Q stays full, and of which connection",
		debugPod + "ss -tnm   # the same where the image has no ss (distroless)",
		"kubectl top pod -A   # is that pod throttled, out of memory, or its process stopped?",
		"look into the application at that end: a blocked worker, a full queue, a reader that waits for something else",
	},
	Sources: []string{"RFC 9293, section 3.8.6.1", "linux net/ipv4/tcp_output.c (tcp_send_probe0)"},
	judge:   judgeZeroWindow,
}

func judgeZeroWindow(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Signs&fact.SignShut != 0 }) {
		c := &x.Examples[0]
		reader := c.Client.Addr()
		if shutDirection(c) == fact.ToClient {
			reader = c.Destination.Addr()
		}
		cs.add(reader.String(), hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, cause := range cs.list {
		f := cause.finding(r)
		c := cause.hits[0].conn
		d := shutDirection(c)
		w := c.Flow[d].Shut
		reader, writer := c.Client, c.Destination
		if d == fact.ToClient {
			reader, writer = writer, reader
		}
		f.Title = fmt.Sprintf("%s did not read for %s: its receive window was closed", reader.Addr(), round(w.Last-w.First))
		f.Explanation = fmt.Sprintf("%s announced a zero window to %s %s, and %s could not send for %s.",
			addrPort(reader), addrPort(writer), count(uint64(w.Announced), "time", "times"), writer.Addr(), round(w.Last-w.First))
		f.Because = []string{"the receiver itself announced the zero window, and repeated it when probed"}
		if w.Reopened {
			f.Because = append(f.Because, "it opened the window again, and the transfer continued")
		} else {
			f.Explanation += " It did not open the window again while the connection was seen."
		}
		list = append(list, f.fill())
	}
	return list
}

// shutDirection returns the direction whose sender had its window closed for the longest time.
func shutDirection(c *fact.Connection) fact.Direction {
	span := func(d fact.Direction) int64 {
		if w := c.Flow[d].Shut; w != nil && w.Long() {
			return w.Last - w.First
		}
		return -1
	}
	if span(fact.ToClient) > span(fact.ToServer) {
		return fact.ToClient
	}
	return fact.ToServer
}
