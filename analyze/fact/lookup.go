package fact

import "net/netip"

// Lookup is one name resolution by an application: every search-list candidate its resolver tried, for every record
// type, with the retries. What a DNS server forwards upstream or asks for its own upkeep is no lookup.
type Lookup struct {
	Client netip.Addr
	// Server is the DNS server as the client addressed it, Backend the server's pod behind it, where seen.
	Server, Backend netip.AddrPort
	// Name is what the program asked for: without trailing dot and without search suffix.
	Name string
	// Resolver is "glibc", "musl", "go" or "other"; "" where it can't be told.
	Resolver string
	// NdotsMin and NdotsMax bound the resolver's ndots option as far as what it tried shows it; -1 where it can't be told.
	NdotsMin, NdotsMax int
	// Search is the search list as far as it was tried, in order.
	Search     []string
	Candidates []Candidate
	// Queries counts distinct questions; a question sent again with the same id and port counts in Retries.
	// Wasted counts the queries answered NXDOMAIN.
	Queries, Wasted, Retries int
	// Start is the time of the first query, Duration that from it to the last answer (or to the last query, without one).
	Start, Duration int64
	// WastedTime is the wall time spent on candidates that were answered NXDOMAIN.
	WastedTime int64
	Outcome    LookupOutcome
	// Answer holds the addresses of the final answer, in its order.
	Answer []netip.Addr
	// TCP says that a truncated answer was asked for again over TCP.
	TCP bool
	// Upstream is what the server's own forwarding of this lookup's questions showed; nil where nothing of it was seen.
	Upstream *Upstream
	// First is the frame of the first query.
	First Ref
	// Marks are frames worth citing, in order of time.
	Marks []Mark
}

// Candidate is one name that a resolver tried.
type Candidate struct {
	// QName is the name as asked, without trailing dot, special characters escaped as in zone files (RFC 4343, section 2.1).
	QName string
	// Types are the record types asked for, in order: "A", "AAAA", ...
	Types []string
	// Rcode is the response code by name ("NOERROR", "NXDOMAIN", ...), that of the answer which decided; "" unanswered.
	Rcode string
	// NoData says that an answer was NOERROR without a record of the type (RFC 2308, section 2.2).
	NoData bool
	// Duration is from the first query to the last answer of the candidate; -1 unanswered.
	Duration int64
	Queries  []Query
}

// Query is one question put to a server, with its retries.
type Query struct {
	Type   string
	ID     uint16
	Client netip.AddrPort
	Server netip.AddrPort
	// Backend is where this query was translated to, where seen. One dead backend of several shows here.
	Backend netip.AddrPort
	TCP     bool
	// Sent is the time of the first transmission, Retries the number of further ones.
	Sent    int64
	Retries int
	// Rcode is "" where no answer came; Duration is from Sent to the first answer, -1 without one.
	Rcode     string
	Duration  int64
	Truncated bool
	// Answers counts the records of the answer section.
	Answers int
	// Refused says that an ICMP error (port unreachable, prohibited) came back instead of an answer.
	Refused bool
	// QueryRef and AnswerRef are the frames; AnswerRef is the zero Ref without an answer.
	QueryRef, AnswerRef Ref
}

// LookupOutcome is what the application got.
type LookupOutcome uint8

// The outcomes of a lookup.
const (
	LookupUnfinished LookupOutcome = iota // still going when the capture ended
	LookupAnswered                        // an answer with data
	LookupNoData                          // the name exists, but has no record of the types asked for
	LookupNXDomain                        // every candidate ended in NXDOMAIN
	LookupServfail                        // the last word was SERVFAIL (or REFUSED, or another error)
	LookupTimeout                         // the last queries stayed unanswered
)

// String returns the outcome's name in output: unfinished, answered, nodata, nxdomain, servfail, timeout.
func (o LookupOutcome) String() string {
	return [...]string{"unfinished", "answered", "nodata", "nxdomain", "servfail", "timeout"}[o]
}

// Upstream is what was seen of a DNS server's own queries for a name.
type Upstream struct {
	Server netip.AddrPort
	// Rcode of its answer, "" without one; Duration until it, -1 without one.
	Rcode    string
	Duration int64
	// Unreachable says that the server's query was answered by an ICMP error.
	Unreachable bool
	Ref         Ref
}
