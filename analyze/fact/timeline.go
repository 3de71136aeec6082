package fact

// MaxBuckets bounds the buckets of a timeline.
const MaxBuckets = 600

// Timeline is how a capture went over time, in buckets of one width. It covers everything, even if rules or reports drop parts.
type Timeline struct {
	// Start is where the first bucket begins, Width how long each lasts, in nanoseconds. The longer the captures, the wider
	// the buckets: a power of two milliseconds. Without frames there are none.
	Start, Width int64
	// Buckets are at most MaxBuckets, without gaps.
	Buckets []Bucket
}

// Bucket is what happened in one stretch of time.
type Bucket struct {
	// Frames counts the frames of all captures.
	Frames uint64
	// Resends counts packets with data, SYN or FIN that were sent again, at their first sighting: needless ones, which only
	// show later, too.
	Resends uint64
	// Opened counts the connections that began here, Failed those of them that were refused, unreachable, reset or hang.
	Opened, Failed uint64
	// Answers counts the DNS queries sent here that were answered, Unanswered those that were not. Median (as good as a tenth)
	// and Worst are how long the answers took in nanoseconds; -1 without an answer.
	Answers, Unanswered uint64
	Median, Worst       int64
}
