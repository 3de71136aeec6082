package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// tcpdumpAny is the command to run instead if a capture shows too little.
const tcpdumpAny = "tcpdump -i any -s 256 -w $(hostname).pcap   # on both nodes, no filter, while it fails; stop it with Ctrl-C"

// blindSpot makes a rule about a capture itself. check names the part that the capture can't show, and why; "" if none.
func blindSpot(id, title, text, needs string, steps []string, check func(*scene, *fact.Capture) string) Rule {
	return Rule{
		ID: id, Layer: LayerCapture, Severity: Info, Since: "0.1.0", Title: title, Text: text, Needs: needs, NextSteps: steps,
		judge: func(r *Rule, s *scene) []Finding {
			var list []Finding
			for i := range s.Captures {
				c := &s.Captures[i]
				if c.Error != "" || c.CopyOf != "" && id != "cap-copy" {
					continue
				}
				why := check(s, c)
				if why == "" {
					continue
				}
				f := Finding{
					Rule: r.ID, Layer: r.Layer, Severity: r.Severity, Certainty: Shown,
					Title: fmt.Sprintf("%s: %s", c.File[strings.LastIndexAny(c.File, `/\`)+1:], title), Explanation: why, NextSteps: r.NextSteps,
					Count: 1, First: c.First, Last: c.Last, key: c.File, apart: strconv.Itoa(i),
				}
				at := i
				if c.CopyOf != "" { // no frame of it was read
					at = slices.IndexFunc(s.Captures, func(x fact.Capture) bool { return x.File == c.CopyOf && x.CopyOf == "" })
				}
				if at >= 0 && s.Captures[at].Frames > 0 {
					f.Evidence = []Evidence{{Ref: fact.Ref{Capture: at, Frame: 1}, Note: "the capture's first frame"}}
				}
				list = append(list, f)
			}
			return list
		},
	}
}

var capFiltered = blindSpot("cap-filtered", "the capture seems to be filtered",
	"tcpdump was run with a filter. What the filter removed (ICMP errors, DNS, tunnel packets, the translated side of a "+
		"connection with another port) is not missing from the network, and netsift concludes nothing from its absence.",
	"traffic for a minute, and no frame without ports (nodes ask for their neighbours by ARP at least that often), or one address in all packets",
	[]string{tcpdumpAny},
	func(s *scene, c *fact.Capture) string {
		switch {
		case c.Frames < s.limits.CaptureFrames, c.Quiet():
			return ""
		case c.CommonHost.IsValid() && c.Interfaces > 1 && !c.Host:
			return fmt.Sprintf("Every IP packet has the address %s: other hosts' packets, and packets inside tunnels, are not in it.", c.CommonHost)
		case c.PortFiltered():
			return "It has no ARP, ICMP or neighbour discovery at all, as with a filter for ports: ICMP errors and tunnel packets are not in it."
		}
		return ""
	})

var capOneInterface = blindSpot("cap-one-interface", "only one interface was captured",
	"Packets are seen at one place only. Where between two places a packet was lost, translated or encapsulated can't be told.",
	"all frames come from one interface that is not `any`",
	[]string{tcpdumpAny},
	func(_ *scene, c *fact.Capture) string {
		if c.Frames == 0 || c.Interfaces != 1 || c.In+c.Out > 0 {
			return ""
		}
		return "All frames are of one interface. What happens to a packet before and after it can't be seen."
	})

var capOneDirection = blindSpot("cap-one-direction", "only one direction was captured",
	"The capture has packets that come in or packets that go out, not both. Whether something was answered can't be told.",
	"all frames of an `any` capture have the same direction",
	[]string{tcpdumpAny},
	func(s *scene, c *fact.Capture) string {
		switch {
		case c.In+c.Out < s.limits.CaptureFrames:
		case c.In == 0:
			return "It has outgoing packets only."
		case c.Out == 0:
			return "It has incoming packets only."
		}
		return ""
	})

var capNoDNATView = blindSpot("cap-no-dnat-view", "Services are called, and what they are translated to can't be seen",
	"Connections to a Service work, but only the client's side of them is in the capture: it was taken in the pod, on one "+
		"interface, or with a filter for the Service's port. Which backend answered can't be told.",
	"connections to a Service's address that were answered, without a sighting after translation",
	[]string{tcpdumpAny},
	func(s *scene, c *fact.Capture) string {
		n := uint64(0)
		for i := range s.Reach {
			r := &s.Reach[i]
			if r.Outcome != fact.OK || !r.Service.IsValid() || r.Backend.IsValid() {
				continue
			}
			for k := range r.Examples {
				if &s.Captures[s.captureOf(&r.Examples[k])] == c {
					n += r.Count
					break
				}
			}
		}
		if n == 0 {
			return ""
		}
		return count(n, "connection", "connections") + " to Services were answered, by backends that the capture does not show."
	})

var capSnaplen = blindSpot("cap-snaplen", "packets were cut short when they were captured",
	"A small snapshot length cut the packets. Of encapsulated ones even TCP's sequence numbers are missing then, so that their "+
		"connections are joined by addresses and time, and loss inside the tunnel can't be seen.",
	"frames of which fewer bytes were captured than needed for the innermost headers",
	[]string{"tcpdump -i any -s 256 -w $(hostname).pcap   # all headers, also in tunnels, and the DNS messages"},
	func(s *scene, c *fact.Capture) string {
		if c.CutFrames == 0 || c.Snaplen == 0 || c.Snaplen >= s.limits.CaptureSnaplen {
			return ""
		}
		return fmt.Sprintf("%d of %d frames were cut to %d bytes.", c.CutFrames, c.Frames, c.Snaplen)
	})

var capKernelDrops = blindSpot("cap-kernel-drops", "the kernel dropped packets while capturing",
	"Packets were lost between kernel and capturing program. What seems to be lost in the network may be lost here.",
	"the drop counters of a pcapng file",
	[]string{"tcpdump -i any -s 256 -B 65536 -w $(hostname).pcap   # a larger buffer and less per packet"},
	func(_ *scene, c *fact.Capture) string {
		if c.Dropped <= 0 {
			return ""
		}
		return fmt.Sprintf("The capturing kernel says that it dropped %d packets.", c.Dropped)
	})

var capDamaged = blindSpot("cap-damaged", "parts of the capture can't be read",
	"The file is damaged. Everything readable was analyzed; what lies in the damaged parts is not missing from the network.",
	"records that contradict themselves, or bytes that are no records. The last packet may be incomplete, as when a stream is interrupted",
	[]string{"capinfos FILE   # what does Wireshark say of it? Was the file copied while tcpdump was still writing?"},
	func(_ *scene, c *fact.Capture) string {
		list := c.Damage
		if c.Torn { // a stream that was interrupted ends so: nothing is missing but its last packet
			list = list[:max(0, len(list)-1)]
		}
		if len(list) == 0 {
			return ""
		}
		var parts []string
		for _, d := range list[:min(3, len(list))] {
			parts = append(parts, fmt.Sprintf("at byte %d (frame %d): %s", d.Offset, d.Frame, d.What))
		}
		return "Damage " + strings.Join(parts, "; ") + "."
	})

var capCopy = blindSpot("cap-copy", "it has the same packets as another capture",
	"One capture was given twice, under two names, or a part of it beside the whole. Its packets are counted once: the larger one is "+
		"analyzed, the other left out.",
	"the same frames with the same times, from the first to the last of the shorter capture",
	[]string{"give each capture once"},
	func(_ *scene, c *fact.Capture) string {
		if c.CopyOf == "" {
			return ""
		}
		return "All of its packets are in " + c.CopyOf + ", at the same times. It was left out."
	})

var capLateStart = blindSpot("cap-late-start", "it began after the trouble did",
	"Connections that fail were there before the capture: how they began, and what went wrong first, is not in it.",
	"failing connections without a beginning",
	[]string{"capture again, and start tcpdump before the client connects"},
	func(s *scene, c *fact.Capture) string {
		n := uint64(0)
		for i := range s.Reach {
			r := &s.Reach[i]
			if r.Outcome != fact.Hang && r.Outcome != fact.ResetOutcome {
				continue
			}
			for k := range r.Examples {
				if e := &r.Examples[k]; e.Midstream && &s.Captures[s.captureOf(e)] == c {
					n += r.Count
					break
				}
			}
		}
		if n == 0 {
			return ""
		}
		return count(n, "connection that fails", "connections that fail") + " began before the capture."
	})

var capClockOffset = blindSpot("cap-clock-offset", "its clock differs from the other captures'",
	"The nodes' clocks are apart. netsift corrects for it, by packets that several captures show; where there are none it can't, "+
		"and the order of events on different nodes is not known.",
	"two captures with common packets at different times, or without common packets",
	[]string{"chronyc tracking ; timedatectl   # on the nodes"},
	func(s *scene, c *fact.Capture) string {
		// Less than a millisecond is worth correcting, and not worth a word.
		if c.Clock.Offset > -1e6 && c.Clock.Offset < 1e6 {
			return ""
		}
		by, where := c.Clock.Offset, "ahead of"
		if by < 0 {
			by, where = -by, "behind"
		}
		if c.Clock.Samples == 0 {
			return fmt.Sprintf("It is %s %s the others, ± %s, by when its packets came: none of them shows in another stream. Times are corrected.",
				round(by), where, round(c.Clock.Error))
		}
		return fmt.Sprintf("It is %s %s %s, ± %s, by %d packets that both show. Times are corrected.",
			round(by), where, s.Captures[0].File, round(c.Clock.Error), c.Clock.Samples)
	})

var capClockSet = blindSpot("cap-clock-set", "its clock was set back",
	"From one frame to the next the capture's time goes back by more than an hour: somebody set the clock, or captures were joined that don't follow each "+
		"other. Frames are analyzed in the order in which they lie in the file. How long something took that began before and ended thereafter is not known, and "+
		"what belongs together on both sides may appear as two.",
	"a frame more than an hour earlier than the one before it, and others after it that confirm it",
	[]string{"chronyc tracking ; timedatectl   # on the node", "capinfos -o FILE   # are its frames in the order of their times?"},
	func(_ *scene, c *fact.Capture) string {
		b := &c.SetBack
		switch {
		case b.Times == 0:
			return ""
		case b.Times == 1:
			return fmt.Sprintf("It goes back by %s at frame %d.", round(b.By), b.Frame)
		}
		return fmt.Sprintf("It goes back %d times, first by %s at frame %d.", b.Times, round(b.By), b.Frame)
	})

var capStateEvicted = blindSpot("cap-state-evicted", "more connections than there is room for",
	"So many connections were open at once that some were given up: first those that nobody answered, then the longest idle. What "+
		"became of them is not known, and packets of theirs that came later count as connections that began before the capture. Or there were so many "+
		"ways from a client to a place, or lookups, on which something was wrong, that the rules have not seen all: those without a fault "+
		"make room first, then the oldest. All are counted.",
	"the budget for open connections, for ways or for lookups was used up",
	[]string{"netsift analyze --max-memory 4GB FILE   # or split the capture: editcap -i 60"},
	func(s *scene, c *fact.Capture) string {
		t := &s.Totals
		if c != &s.Captures[0] || t.Evicted+t.EvictedFaults+t.EvictedLookups == 0 {
			return ""
		}
		var parts []string
		if t.Evicted > 0 {
			parts = append(parts, count(t.Evicted, "connection was", "connections were")+" given up before the end.")
		}
		if t.EvictedFaults > 0 {
			parts = append(parts, count(t.EvictedFaults, "way from a client to a place, on which something was wrong, was",
				"ways from a client to a place, on which something was wrong, were")+" not kept for the rules.")
		}
		if t.EvictedLookups > 0 {
			parts = append(parts, count(t.EvictedLookups, "lookup was", "lookups were")+" given up, or met with a fault and could not be kept.")
		}
		return strings.Join(parts, " ")
	})

var capEmpty = blindSpot("cap-empty", "the capture holds no packets",
	"The file has a header and nothing else: tcpdump's filter matched nothing, it ran on the wrong interface, or was stopped "+
		"before its buffer was written.",
	"no frame in any of the captures",
	[]string{tcpdumpAny, "tcpdump -i any -s 256 -U -w $(hostname).pcap   # -U writes each packet at once, so that nothing is lost when it is stopped"},
	func(s *scene, c *fact.Capture) string {
		if s.Totals.Frames > 0 || c.Frames > 0 {
			return ""
		}
		return "Nothing can be said from it."
	})
