package main

// scenarios lists all scenarios, in the order of their subjects.
var scenarios = []*scenario{
	&okCrossNode, &okSameNode, &okNodePort, &hairpinOK, &okMix, &okNodeClient, &okRollout, &midstream, &zeroWindow, &portReuse, &serverStalls, &appReset,
	&deferAccept, &idleClosed, &snatFirstLost, &asymmetricFine, &replaced, &mssJumbo, &dnsFragments, &ptbHeard,
	&dnsGlibc, &dnsMusl, &dnsDrop, &dnsServfail, &dnsLossy, &dnsSlowUpstream, &dnsTruncated, &dnsEmpty, &dnsDead, &dnsFragmented, &dnsTCPRefused, &dnsTCPSilent,
	&noEndpoints, &nodePortEmpty, &svcNoDnat, &wrongPort, &hairpinOff, &hairpinHalf, &hairpinBare, &nodePortLocalDrop,
	&staleReset, &staleBlackhole, &staleUDP, &ctInvalid,
	&idleForgotten, &idleFlushed, &idleSilent, &idleReplaced, &snatCollision, &synStale, &synEarly, &tableFull, &terminating, &terminatingGone,
	&mtuBlackhole, &mtuUpload, &mtuICMP, &outerFragments, &policyDrop, &policyReject, &policyRejectPort, &policyReset, &policySameNode, &replyDrop, &egressDrop, &oneOfThree,
	&tunnelOneway, &tunnelDeaf, &tunnelRejected, &routingLoop, &routeMissing, &hostUnreachable, &tcpLoss,
	&policyLater, &nodePolicy, &vxlanChecksum, &asymmetricRequest, &asymmetricLater, &asymmetricReply, &duplicateIP, &gatewayMute, &podMute,
	&fragmentsLost, &tunnelFragmentsLost, &mssTooBig, &ptbLost, &wireguardMute, &bgpSilent, &bgpReset,
	&appRefused, &halfDown, &backlogFull, &backlogUnheard, &backlogAbort, &clientShut, &serverShut, &keepaliveRace,
}

// open are expectations that netsift is known not to meet, by scenario and mode ("name/mode"), with the reason. They are shown
// and do not fail the lab; one that is met has to go from here.
var open = map[string]string{
	"policy-reset/filtered":  "the filter leaves one sighting of the RST, and its TTL has nothing to be compared with: it may be the backend's for all that shows",
	"terminating-gone/alone": "the other backend is on the client's node: on the other one nothing shows that anybody takes over from what stops",
}
