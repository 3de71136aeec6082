// Package fact holds what analysis concluded from captures: plain values without behaviour beyond naming themselves.
// Rules, reports and redaction see nothing else of analysis.
//
// Times are nanoseconds since 1970-01-01 UTC, corrected for the clocks of the nodes. Durations are nanoseconds too.
package fact
