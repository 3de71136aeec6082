package plugin

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/netsift/netsift/cmd/internal/netsift"
)

// Env is everything outside of the plugin, but for the cluster.
type Env struct {
	*netsift.Env
	// Interrupts delivers each time that the user interrupts.
	Interrupts <-chan os.Signal
}

// SystemEnv returns the Env of this process.
func SystemEnv() *Env {
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	return &Env{Env: netsift.SystemEnv(), Interrupts: interrupts}
}
