// Package fact holds what analysis concluded from captures: plain values without behaviour beyond naming themselves.
// They are the only thing that leaves analysis; rules and reports see nothing else.
//
// Times are nanoseconds since 1970-01-01 UTC, corrected for the clocks of the nodes. Durations are nanoseconds too.
package fact
