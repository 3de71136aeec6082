package rules

// catalogue lists the rules by layer, as docs/rules.md shows them.
var catalogue = []*Rule{
	&svcNoEndpoints,
	&svcHairpin,
	&svcHairpinDrop,
	&svcSNATClientLost,
	&ctStaleReset,
	&cniMTUBlackhole,
	&appRefused,
}
