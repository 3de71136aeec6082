package cases

// Some returns every case or, if few is set, each eighth, for slow tests under a race detector: the effect of goroutines on each
// other does not depend on what the packets say.
func Some(few bool) []Case {
	all := All()
	if !few {
		return all
	}
	var some []Case
	for i := 0; i < len(all); i += 8 {
		some = append(some, all[i])
	}
	return some
}
