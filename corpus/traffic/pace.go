package traffic

// What takes how long, in nanoseconds. A round trip is a connection's own, the others are drawn each time.
const (
	minRoundTrip, roundTrip   = 150e3, 2e6   // through the overlay to a backend, its kernel included
	minServing, serving       = 200e3, 5e6   // from a request to its answer, without the round trip
	minReaction, reaction     = 15e3, 120e3  // of the client: the next packet after one that came
	minNaming, naming         = 150e3, 1.5e6 // from queries to answers, of a DNS server that has them
	minShortThink, shortThink = 1e6, 10e6    // between the requests of a short connection
	// exchanging is the mean of a request, its answer and its ACK.
	exchanging = (minRoundTrip+roundTrip)/2 + (minServing+serving)/2 + (minReaction+reaction)/2
)

// rto is the least time after which Linux sends again (TCP_RTO_MIN, include/net/tcp.h), and some.
const rto = 210e6

// between returns a number from lowest to highest-1.
func (g *generator) between(lowest, highest int64) int64 {
	return lowest + int64(g.below(int(highest-lowest)))
}

// around returns a number from half the mean to one and a half.
func (g *generator) around(mean int64) int64 { return mean/2 + int64(g.below(int(mean)+1)) }

// forever is longer than any capture.
const forever = 1e9 * 86400

// pace works out how long long connections think, and how long it is between the beginnings of short ones, so that both have
// their shares of the frames.
func (o *Options) pace() (think, arrival int64) {
	// Packets are counted twice, because requests are no whole number on average, and frames a thousand times more.
	const scale = 2000
	frames := func(packets int) int64 { return int64((1000*packets + 2*o.Lookups*4*o.Candidates) * o.Sightings) }
	think, arrival = forever, forever
	if o.Short > 0 {
		packets := 0
		if o.Requests > 0 {
			packets = 2*6 + 3*(1+o.Requests)
		}
		arrival = frames(packets) * (1e9 / scale) / (int64(o.Rate) * int64(o.Short) / 1000)
	}
	if o.Live > 0 && o.Short < 1000 {
		requests := 3 * (o.Exchanges / 2) // twice the mean
		open := frames(2*6+3*requests) * (1e9 / scale) / (int64(o.Rate) * int64(1000-o.Short) / 1000) * int64(o.Live)
		think = open*2/int64(requests+2) - exchanging
	}
	return min(max(think, minReaction), forever), min(max(arrival, 1), forever)
}
