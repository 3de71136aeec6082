package main

// scenarios are all of them, in the order of their subjects.
var scenarios = []*scenario{
	&okCrossNode, &okSameNode, &okNodePort, &hairpinOK,
	&dnsGlibc, &dnsMusl, &dnsDrop, &dnsServfail,
	&noEndpoints, &svcNoDnat, &hairpinOff, &nodePortLocalDrop,
	&staleReset, &staleBlackhole, &ctInvalid,
	&mtuBlackhole, &mtuICMP, &policyDrop, &policyReject, &policyRejectPort,
	&tunnelOneway, &tunnelRejected, &routingLoop,
	&appRefused,
}

// open are expectations that netsift is known not to meet, by scenario and mode ("name/mode"), with the reason. They are shown
// and do not fail the lab; one that is met has to go from here.
var open = map[string]string{
	"policy-reject-port/alone": "on the backend's node alone, the pod's address is taken for a Service's: svc-no-endpoints instead of cni-reject",
}
