//go:build !linux

package netsift

// systemLimits returns the limits of this process.
func systemLimits() limits { return noLimits() }
