package rules

// catalogue lists the rules by layer, as docs/rules.md shows them.
var catalogue = []*Rule{
	&svcNoEndpoints,
	&svcNoDNAT,
	&svcHairpin,
	&svcHairpinDrop,
	&svcSNATClientLost,
	&svcLocalNoEndpoint,
	&ctStaleReset,
	&ctStaleBlackhole,
	&ctStaleUDP,
	&ctInvalidReset,
	&cniDFDrop,
	&cniMTUBlackhole,
	&cniMTUOverrun,
	&cniTunnelOneway,
	&cniTunnelRejected,
	&cniNoReply,
	&cniReject,
	&cniRoutingLoop,
	&appRefused,
	&tcpLoss,
}
