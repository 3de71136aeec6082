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
package lookup
