//go:build !linux

package main

// systemLimits returns the limits of this process.
func systemLimits() limits { return noLimits() }
