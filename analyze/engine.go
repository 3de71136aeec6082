package analyze

import (
	"context"
	"errors"
	"io"

	"github.com/netsift/netsift/analyze/fact"
)

// Input is one capture to be read.
type Input struct {
	// Name is what the user called it, Node its node's label; "" lets Run derive one from the name.
	Name, Node string
	// Open opens it. It is called twice, the first time for estimating the clocks' offsets, unless Stream is set.
	Open func() (io.ReadCloser, error)
	// Stream says that it can be read only once.
	Stream bool
}

// Config is what the user decides.
type Config struct {
	// Jobs is the number of workers, 0 for one per processor. The result does not depend on it.
	Jobs int
	// VXLANPorts and GenevePorts are UDP ports beyond the usual ones.
	VXLANPorts, GenevePorts []uint16
	// Connection and Lookup, where set, are called for each connection and lookup when it ends, on one goroutine.
	Connection func(*fact.Connection)
	Lookup     func(*fact.Lookup)
	// Frames, where set, is called now and then with the number of frames read so far.
	Frames func(n uint64)
}

// ErrNoCapture says that not one of the inputs could be read. Facts.Captures says why for each.
var ErrNoCapture = errors.New("no capture could be read")

// Run reads the inputs to their ends. Facts are returned also with an error; an input that can't be read is no error
// as long as another can.
func Run(ctx context.Context, inputs []Input, cfg Config) (*fact.Facts, error) {
	return &fact.Facts{}, nil
}
