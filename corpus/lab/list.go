package main

// scenarios are all of them, in the order of their subjects.
var scenarios = []*scenario{
	&okCrossNode, &okSameNode, &okNodePort, &hairpinOK, &okMix, &okNodeClient, &okRollout, &midstream, &serverStalls, &appReset,
	&dnsGlibc, &dnsMusl, &dnsDrop, &dnsServfail, &dnsLossy, &dnsSlowUpstream, &dnsTruncated,
	&noEndpoints, &svcNoDnat, &hairpinOff, &nodePortLocalDrop,
	&staleReset, &staleBlackhole, &staleUDP, &ctInvalid,
	&mtuBlackhole, &mtuICMP, &outerFragments, &policyDrop, &policyReject, &policyRejectPort, &egressDrop, &oneOfThree,
	&tunnelOneway, &tunnelRejected, &routingLoop, &routeMissing, &hostUnreachable, &tcpLoss,
	&appRefused,
}

// open are expectations that netsift is known not to meet, by scenario and mode ("name/mode"), with the reason. They are shown
// and do not fail the lab; one that is met has to go from here.
var open = map[string]string{
	"policy-reject-port/alone": "on the backend's node alone, the pod's address is taken for a Service's: svc-no-endpoints instead of cni-reject",
}
