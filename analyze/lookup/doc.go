// Package lookup turns DNS messages into lookups: the messages that one call of an application's resolver sent, from the
// first search-list candidate to the answer, with record types, retries, other servers and TCP together.
//
// It sees every message once, in order of time, as the client addressed it, and never the packets it came in. A query
// is known by client address and port, id, name and type: ids alone repeat within milliseconds on a busy server. Which
// lookup a query belongs to is decided when it comes, from the name (the candidates of a search share their first
// labels), the source port (glibc and musl ask for A and AAAA from one socket) and the time since the last answer.
//
// A DNS server's query to another server is no lookup: it becomes the upstream side of the lookup that waits for it.
//
// State is bounded: lookups end when nothing more is to be expected of them, or when the budget is used up.
//
// Thousands of lookups are in progress, or remembered for a resend, at a time, and a message is of no use to anybody by then but for its
// lookup. So state is flat: queries, candidates, lookups, clients, endpoints and names are values in slabs (analyze/slab) that lead to each
// other by number, and are found by 64 bits of hashes whose seed nobody knows (analyze/index). Each name is held once, and counted.
// Chains that a sender could make long are looked at by their newest members only; a socket that has many questions with one id open is
// found by id and question together.
//
// Texts are made when a lookup becomes a fact. A plain one, which went as it should, need not: its sums are known without, and whoever
// takes lookups may count it (Plain).
package lookup
