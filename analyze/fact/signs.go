package fact

// Signs are traits of a connection that rules look for. They are the same for all connections of a Reach: a rule that looks for a
// trait which is not among them finds it by chance only, if one of the examples happens to have it.
type Signs uint64

// The signs.
const (
	SignSNAT         Signs = 1 << iota // Connection.SNAT is valid
	SignReset                          // a RST ended it
	SignResetHere                      // the RST left the machine that captured it, or was first seen in a tunnel
	SignResetBare                      // Reset.Bare
	SignICMP                           // an ICMP error quotes one of its packets
	SignRejected                       // among them port-unreachable, made where it was captured and addressed to the client
	SignTooBig                         // among them fragmentation-needed or packet-too-big
	SignStall                          // data of one direction was sent three times or more
	SignGap                            // Flow.Gap
	SignResent                         // Flow.Retransmissions
	SignLoss                           // Connection.Losses
	SignUntranslated                   // Connection.Untranslated
	SignMidstream                      // Connection.Midstream
	SignSYNResend                      // a SYN or SYN-ACK was sent more than once
	SignOneLeg                         // it was seen on one leg only
	SignLoop                           // Connection.Loops
	SignAnswered                       // packets came from the server's side
	SignDNS                            // Connection.DNS
	SignDeclined                       // the client answered a datagram with ICMP port-unreachable
	SignUnopened                       // packets came in by a tunnel and were never seen outside of it on that machine
	SignAsymmetric                     // Connection.Asymmetric
	SignHole                           // Flow.Hole
	SignShrunk                         // Stall.Shrunk
	SignDropped                        // Connection.Dropped
	SignMute                           // Turn.Mute of Connection.Former
	SignShut                           // Shut.Long of one direction
	SignDiedIdle                       // Connection.DiedIdle
	SignMoved                          // Connection.Moved
	SignCrossed                        // Connection.Crossed after a silence, and the server reset it
	SignUnheard                        // Connection.Ignored
	SignUnserved                       // Connection.Unserved
	SignLateSNAT                       // Connection.Swallowed, before its source was rewritten
	SignLateDNAT                       // Connection.Swallowed, before its destination was rewritten, and its source not
	SignReused                         // Connection.Reused
	SignCorrupt                        // Connection.Corrupt
	SignIncomplete                     // Connection.Incomplete
	SignOlder                          // Connection.Older
	SignFragmented                     // View.Fragmented
	SignTorn                           // View.Torn
	SignFruitless                      // Handshakes.Fruitless of a direction
	SignNotice                         // Connection.Notice
	SignStranded                       // it failed, and Connection.Stranded of a direction
	SignDetour                         // it failed, and Connection.Detour
	SignCameBack                       // it failed, and Connection.CameBack
	SignUntold                         // Connection.Untold
	SignNoProtocol                     // the host that was called says that it does not know the protocol
	SignDiverted                       // Connection.Diverted
)

// SignsOf returns the signs of a connection.
func SignsOf(c *Connection) Signs {
	var s Signs
	set := func(on bool, sign Signs) {
		if on {
			s |= sign
		}
	}
	set(c.SNAT.IsValid(), SignSNAT)
	set(c.Untranslated, SignUntranslated)
	set(c.Midstream, SignMidstream)
	set(c.DNS, SignDNS)
	set(len(c.Legs) == 1, SignOneLeg)
	set(c.Loops > 0, SignLoop)
	set(c.Flow[ToClient].Packets > 0, SignAnswered)
	set(c.unopened(), SignUnopened)
	set(c.Asymmetric(), SignAsymmetric)
	set(c.Dropped(), SignDropped)
	set(c.Former != nil && c.Former.Mute(), SignMute)
	set(c.DiedIdle(), SignDiedIdle)
	set(c.Moved(), SignMoved)
	set(c.Diverted(), SignDiverted)
	set(c.Ignored(), SignUnheard)
	set(c.Unserved(), SignUnserved)
	set(c.Reused != 0, SignReused)
	set(c.Corrupt > 0, SignCorrupt)
	set(c.Incomplete, SignIncomplete)
	set(c.Older, SignOlder)
	if before, after := c.Swallowed(); before != nil {
		set(before.Src != after.Src, SignLateSNAT)
		set(before.Src == after.Src && before.Dst != after.Dst, SignLateDNAT)
	}
	fragmented, torn := c.fragments()
	set(fragmented, SignFragmented)
	set(torn, SignTorn)
	set(c.Handshakes != nil && (c.Handshakes[ToServer].Fruitless() || c.Handshakes[ToClient].Fruitless()), SignFruitless)
	set(c.Notice != nil, SignNotice)
	set(c.Failed() && c.stranded(), SignStranded)
	set(c.Failed() && c.detours(), SignDetour)
	set(c.Failed() && c.cameBack(), SignCameBack)
	set(c.Untold() != nil, SignUntold)
	if r := c.Reset; r != nil {
		set(true, SignReset)
		set(c.Crossed && r.From == ToClient && c.Idle != nil, SignCrossed)
		set(r.MadeHere || len(r.Encap) > 0, SignResetHere)
		set(r.Bare, SignResetBare)
	}
	for i := range c.Errors {
		set(true, SignICMP)
		set(c.Errors[i].Refuses() && c.Errors[i].MadeHere, SignRejected)
		set(c.Errors[i].TooBig(), SignTooBig)
		set(c.Errors[i].NoProtocol() && c.Errors[i].ToClient && c.fromServer(&c.Errors[i]), SignNoProtocol)
		set(c.Errors[i].Flow == ToClient && c.Errors[i].PortUnreachable(), SignDeclined)
	}
	for _, f := range c.Flow {
		set(f.Stall != nil && f.Stall.Sends > 2, SignStall)
		set(f.Gap > 0, SignGap)
		set(f.Hole != nil, SignHole)
		set(f.Stall != nil && f.Stall.Shrunk > 0, SignShrunk)
		set(f.Retransmissions > 0, SignResent)
		set(f.SYNs > 1, SignSYNResend)
		set(f.Shut != nil && f.Shut.Long(), SignShut)
	}
	lost, _ := c.Losses()
	set(lost > 0, SignLoss)
	return s
}

// fromServer reports whether the host that was called sent an error itself, with its own address or, translated back, the one called.
func (c *Connection) fromServer(e *ICMPError) bool {
	return !e.Tunnel && (e.Src == c.Destination.Addr() || e.Src == c.Called.Addr())
}

// wrong are the signs that something may be wrong.
const wrong = SignReset | SignICMP | SignTooBig | SignStall | SignGap | SignResent | SignUntranslated | SignSYNResend | SignLoop |
	SignShut | SignCrossed | SignTorn | SignFruitless | SignNotice

// Fine reports whether nothing is wrong with the connections that went this way.
func (r *Reach) Fine() bool {
	return r.Signs&wrong == 0 && (r.Outcome == OK || r.Outcome == Unfinished || r.Outcome == OneWay)
}
