package main

// scenarios are all of them, in the order of their subjects.
var scenarios = []*scenario{
	&okCrossNode, &okSameNode, &okNodePort, &hairpinOK, &okMix, &okNodeClient, &okRollout, &midstream, &zeroWindow, &portReuse, &serverStalls, &appReset,
	&dnsGlibc, &dnsMusl, &dnsDrop, &dnsServfail, &dnsLossy, &dnsSlowUpstream, &dnsTruncated, &dnsEmpty, &dnsDead,
	&noEndpoints, &nodePortEmpty, &svcNoDnat, &wrongPort, &hairpinOff, &hairpinHalf, &hairpinBare, &nodePortLocalDrop,
	&staleReset, &staleBlackhole, &staleUDP, &ctInvalid,
	&mtuBlackhole, &mtuUpload, &mtuICMP, &outerFragments, &policyDrop, &policyReject, &policyRejectPort, &policyReset, &policySameNode, &replyDrop, &egressDrop, &oneOfThree,
	&tunnelOneway, &tunnelDeaf, &tunnelRejected, &routingLoop, &routeMissing, &hostUnreachable, &tcpLoss,
	&appRefused,
}

// open are expectations that netsift is known not to meet, by scenario and mode ("name/mode"), with the reason. They are shown
// and do not fail the lab; one that is met has to go from here.
var open = map[string]string{
	"policy-reject-port/alone": "on the backend's node alone, the pod's address is taken for a Service's: svc-no-endpoints instead of cni-reject",

	"policy-reset/together": resetByNode,
	"policy-reset/shifted":  resetByNode,
	"policy-reset/alone":    resetByNode,
	"policy-reset/filtered": "the filter leaves one sighting of the RST, and its TTL has nothing to be compared with: it may be the backend's for all that shows",

	"nodeport-no-endpoints/together": nodePortEmptyUnknown,
	"nodeport-no-endpoints/shifted":  nodePortEmptyUnknown,
	"nodeport-no-endpoints/alone":    nodePortEmptyUnknown,

	"dns-dead/together": dnsRefusalUnseen,
	"dns-dead/shifted":  dnsRefusalUnseen,
	"dns-dead/alone":    dnsRefusalUnseen,

	"policy-reply-drop/together": replyLost,
	"policy-reply-drop/shifted":  replyLost,

	"tunnel-oneway-back/together": tunnelDeafUnseen,
	"tunnel-oneway-back/shifted":  tunnelDeafUnseen,
	"tunnel-oneway-back/alone":    tunnelDeafUnseen,
}

// Reasons that several ways of looking share.
const (
	resetByNode          = "a RST that the node sent in the backend's name is taken for the backend's: it has been on no veth, and its TTL is one higher than that pods' packets have there"
	nodePortEmptyUnknown = "a REJECT of a NodePort on the node itself is blamed on the pod network (cni-reject) instead of a Service without endpoints"
	dnsRefusalUnseen     = "queries that the DNS pod itself answers with ICMP port-unreachable are not reported"
	replyLost            = "a SYN-ACK that is sent again and again and never leaves the backend's node is not reported"
	tunnelDeafUnseen     = "tunnel packets that reach a node's uplink and never its tunnel device are not reported when they are the answers"
)
