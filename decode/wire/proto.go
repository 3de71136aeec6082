package wire

// IP protocol numbers, https://www.iana.org/assignments/protocol-numbers.
const (
	ProtoHopByHop    = 0
	ProtoICMP        = 1
	ProtoIPv4        = 4
	ProtoTCP         = 6
	ProtoUDP         = 17
	ProtoIPv6        = 41
	ProtoRouting     = 43
	ProtoFragment    = 44
	ProtoGRE         = 47
	ProtoESP         = 50
	ProtoAH          = 51
	ProtoICMPv6      = 58
	ProtoNone        = 59
	ProtoDestination = 60
	ProtoSCTP        = 132
	ProtoMobility    = 135
	ProtoHIP         = 139
	ProtoShim6       = 140
)
