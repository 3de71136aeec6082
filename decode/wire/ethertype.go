package wire

// EtherTypes that are stepped into or over, https://www.iana.org/assignments/ieee-802-numbers.
const (
	EtherTypeIPv4          = 0x0800
	EtherTypeARP           = 0x0806
	EtherTypeBridging      = 0x6558 // transparent Ethernet bridging, RFC 1701: an Ethernet frame follows
	EtherTypeRARP          = 0x8035
	EtherTypeVLAN          = 0x8100 // IEEE 802.1Q
	EtherTypeIPv6          = 0x86dd
	EtherTypePPP           = 0x880b // RFC 7637's sibling in GRE (RFC 2637)
	EtherTypeMPLS          = 0x8847 // RFC 3032
	EtherTypeMPLSMulticast = 0x8848 // RFC 5332
	EtherTypePPPoE         = 0x8864 // the session stage, RFC 2516
	EtherTypeServiceVLAN   = 0x88a8 // IEEE 802.1ad
	EtherTypeOldServiceTag = 0x9100 // QinQ before IEEE 802.1ad
)

// MaxLLCLen is the largest value of an Ethernet type field that is the length of an IEEE 802.2 frame instead
// (IEEE 802.3, section 3.2.6); real types begin at 0x0600.
const MaxLLCLen = 1500

// MinEtherType is the smallest value of an Ethernet type field that is a type.
const MinEtherType = 0x0600
