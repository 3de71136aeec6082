package fact

import "net/netip"

// Lookup is one name resolution by an application: every search-list candidate its resolver tried, for every record
// type, with the retries. A DNS server's queries upstream or for its own upkeep are no lookups.
type Lookup struct {
	Client netip.Addr
	// Server is the DNS server as the client addressed it, the first one if it asked several. Backend is the server's
	// pod behind it, if seen.
	Server, Backend netip.AddrPort
	// Name is what the program asked for: in lower case, without trailing dot and without search suffix.
	Name string
	// Resolver is "glibc", "musl", "go" or "other"; "" if unknown. ResolverWhy names the evidence.
	Resolver, ResolverWhy string
	// NdotsMin and NdotsMax bound the resolver's ndots option as far as the candidates show it; -1 if
	// unknown. Trying the search list first shows that the name has fewer dots than ndots; trying the name itself first and
	// the list thereafter shows the contrary.
	NdotsMin, NdotsMax int
	// Search is the search list as far as it was tried, in order.
	Search     []string
	Candidates []Candidate
	// Queries counts distinct questions (name and type). A question put again counts in Retries where that was for want
	// of a good answer, and in neither where it went to all servers at once, over TCP, or into a larger buffer.
	// Wasted counts the questions answered NXDOMAIN, Unanswered those that got no answer from anywhere.
	Queries, Wasted, Retries, Unanswered int
	// Messages counts everything the client sent.
	Messages int
	// Chosen says that it is asked for, where a part of the captures was (Facts.Part).
	Chosen bool
	// Start is the time of the first query (of the first answer, where no query was seen), Duration that from it to the
	// last answer (or to the last query, without one).
	Start, Duration int64
	// WastedTime is the wall time spent on candidates that were answered NXDOMAIN.
	WastedTime int64
	// Timeout is the shortest time after which an unanswered question was sent again, -1 where none was. Attempts is how
	// often one was sent that never got an answer, 0 where each got one.
	Timeout  int64
	Attempts int
	Outcome  LookupOutcome
	// CutShort says that a candidate which got no answer ended the search through the list: the resolver went on to
	// the bare name at once (glibc) or gave up.
	CutShort bool
	// Answer holds the addresses of the final answer, in its order; at most 64 for each type.
	Answer []netip.Addr
	// TCP says that a truncated answer was asked for again over TCP.
	TCP bool
	// Mixed says that the resolver mixed upper and lower case anew in each message (0x20).
	Mixed bool
	// Headless says that only answers were seen, of all or of some queries: the capture began later or shows one
	// direction. Times of those queries are not known.
	Headless bool
	// Upstream is the server's own query upstream for this lookup: the slowest, or one that failed; nil if none was
	// seen.
	Upstream *Upstream
	// First is the frame of the first query, of the first answer where no query was seen.
	First Ref
	// Marks are frames worth citing, in order of time, at most 16: MarkQuery, MarkResend, MarkReply, MarkICMP.
	Marks []Mark
	// Objects are its parties as a snapshot of the cluster names them, nil without one.
	Objects *Objects
}

// Late reports whether the lookup was answered only after a resend.
func (l *Lookup) Late() bool {
	return l.Retries > 0 && (l.Outcome == LookupAnswered || l.Outcome == LookupNoData || l.Outcome == LookupNXDomain)
}

// Candidate is one name that a resolver tried.
type Candidate struct {
	// QName is the name as asked, in lower case, without trailing dot, special characters escaped as in zone files
	// (RFC 4343, section 2.1).
	QName string
	// Types are the record types asked for, in order: "A", "AAAA", ...
	Types []string
	// Rcode is the response code by name ("NOERROR", "NXDOMAIN", ...), that of the answer which decided; "" unanswered.
	Rcode string
	// NoData says that an answer was NOERROR without a record of the type (RFC 2308, section 2.2), and none had one.
	NoData bool
	// Start is the time of the first query, Duration from there to the last answer; -1 unanswered.
	Start, Duration int64
	// Queries are at most 64, in order of time.
	Queries []Query
}

// AgainKind says why a question was put once more in another message.
type AgainKind uint8

// The reasons.
const (
	FirstTime   AgainKind = iota
	OtherServer           // to another server at the same time, as musl does
	NextServer            // to another server after the first failed or kept silent
	NewAttempt            // with a new id or port after an error or a timeout, as Go's resolver does
	OverTCP               // over TCP after a truncated answer
	MoreRoom              // the whole question anew, because the answer outgrew the program's buffer (glibc)
)

// String returns the reason in words, "" for FirstTime.
func (k AgainKind) String() string {
	return [...]string{"", "other server", "next server", "new attempt", "over TCP", "more room"}[k]
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
	// Again says why the question was put once more; FirstTime for the first message that asked it.
	Again AgainKind
	// EDNS is the UDP payload size announced, 0 without OPT record.
	EDNS uint16
	// Sent is the time of the first transmission, 0 where only the answer was seen. Retries is the number of further
	// transmissions with the same id and port, LastSent the time of the last.
	Sent, LastSent int64
	Retries        int
	// Rcode is that of the last answer, "" where none came; Duration is from Sent to the first answer, -1 without one.
	Rcode     string
	Duration  int64
	Truncated bool
	// NoData says that the answer was NOERROR without a record of the type.
	NoData bool
	// Answers counts the records of the answer section.
	Answers int
	// Refused says that an ICMP error (port unreachable, prohibited) came back instead of an answer, Declined that an answer came and the
	// client refused it with such an error: from an address that it had not asked, or when nobody waited for it any more.
	Refused, Declined bool
	// QueryRef, ResendRef (the first retry), AnswerRef and ErrorRef (ICMP) are the frames; zero where there is none.
	QueryRef, ResendRef, AnswerRef, ErrorRef Ref
}

// LookupOutcome is what the application got.
type LookupOutcome uint8

// The outcomes of a lookup.
const (
	LookupUnfinished LookupOutcome = iota // still going when the capture ended
	LookupAnswered                        // an answer with data
	LookupNoData                          // the name exists, but has no record of the types asked for
	LookupNXDomain                        // "no such name": the last candidate ended in NXDOMAIN; see CutShort and Unanswered
	LookupServfail                        // the last word was SERVFAIL (or REFUSED, or another error)
	LookupTimeout                         // the last queries stayed unanswered
	LookupTruncated                       // a truncated answer without records was all that came: not over TCP either
)

// String returns the outcome's name in output: unfinished, answered, nodata, nxdomain, servfail, timeout,
// truncated.
func (o LookupOutcome) String() string {
	return [...]string{"unfinished", "answered", "nodata", "nxdomain", "servfail", "timeout", "truncated"}[o]
}

// Upstream is what was seen of a DNS server's own query for a name.
type Upstream struct {
	// Client is the address the DNS server asked from, Server the one it asked.
	Client, Server netip.AddrPort
	// Name and Type are the question.
	Name, Type string
	// Queries counts this lookup's questions that were seen on their way upstream, Failed those of them that got no
	// answer, an ICMP error, or a response code other than NOERROR and NXDOMAIN.
	Queries, Failed int
	// Rcode of its answer, "" without one; Duration until it, -1 without one.
	Rcode    string
	Duration int64
	// Unreachable says that the server's query was answered by an ICMP error.
	Unreachable bool
	Ref         Ref
}

// SoonAnswered is how long an answer took at most in a Plain lookup, in nanoseconds: well below what anybody would call slow.
const SoonAnswered = 100e6

// Plain is lookups that went as they should, of one client, at one server, for one name, all found in the same way. They are counted
// instead of kept: each question was asked once, of that server, over UDP, and answered within SoonAnswered; the names of the search
// list before the last do not exist, and the last has data of one type or both.
type Plain struct {
	Client netip.Addr
	Server netip.AddrPort
	// Name is what the program asked for, Full the name that was answered. Both are "" where there were more names than are counted.
	Name, Full string
	// Expanded says that names of the search list were asked for in vain before.
	Expanded bool
	// Count lookups were counted, Chosen of them are asked for, where a part was (Facts.Part).
	Count, Chosen uint64
	// Queries, Wasted and WastedTime are the sums of what Lookup has.
	Queries, Wasted uint64
	WastedTime      int64
	// First is the start of the first, Last the last answer.
	First, Last int64
	// Backends are those that answered, at most 64.
	Backends []PlainBackend
}

// PlainBackend is what one backend answered of them.
type PlainBackend struct {
	// Backend is zero for answers that show none.
	Backend netip.AddrPort
	Answers uint64
	Last    int64
}

// Heard is when answers of one server, to Plain lookups, were seen in one capture.
type Heard struct {
	Server  netip.AddrPort
	Capture int
	// Gap is the longest time without any that a span may have, in nanoseconds.
	Gap int64
	// Spans are at most 64 stretches of time, from one answer to another, in order.
	Spans [][2]int64
}

// MaxNdots is the largest ndots that savings are computed for; kubelet sets 5.
const MaxNdots = 5

// DNSCost is what lookups cost.
type DNSCost struct {
	Lookups uint64
	// Queries, Messages, Wasted, Retries and Unanswered are the sums over the lookups.
	Queries, Messages, Wasted, Retries, Unanswered uint64
	// Needed counts the questions that would have been asked, had each lookup asked for one name only. Queries/Needed is
	// the amplification factor, Wasted/Queries the share of waste.
	Needed uint64
	// Time is how long the lookups took together, WastedTime how much of that went into names that do not exist.
	Time, WastedTime int64
	// FullName is what asking at once for the name that answered would have saved: external names with a trailing dot,
	// names in the cluster in full.
	FullName DNSSaving
	// Ndots is what `ndots: N` would have saved, indexed by N; negative where it would have cost more.
	Ndots [MaxNdots + 1]DNSSaving
}

// DNSSaving is questions not asked and time not spent.
type DNSSaving struct{ Queries, Time int64 }

// DNSCosts is what the lookups of a capture cost.
type DNSCosts struct {
	DNSCost
	// Clients has those with the most waste first, Names the names with the most waste and retries; bounded.
	Clients []DNSClientCost
	Names   []DNSNameCost
	// Forwarded counts DNS servers' questions for clients, Upkeep those for themselves. Stray counts answers to no known
	// question, Unreadable packets that were no DNS message or too short.
	Forwarded, Upkeep, Stray, Unreadable uint64
	// Evicted lookups were given up because the budget for state was used up.
	Evicted uint64
	// Partial says that there were more names or clients than are counted: the cheapest are missing.
	Partial bool
}

// DNSClientCost is what one client's lookups cost.
type DNSClientCost struct {
	Client netip.Addr
	DNSCost
}

// DNSNameCost is what the lookups of one name cost.
type DNSNameCost struct {
	Name string
	// Full is the name that answered, "" if none did.
	Full string
	DNSCost
}
