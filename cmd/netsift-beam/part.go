package main

// partSize is how many bytes of facts one element has at most: far below what runners take for a message (gRPC's default is 4 MB), and enough that what
// Beam does for each element costs nothing.
const partSize = 1 << 20

// Part is a piece of a capture's facts: facts of a large capture are too large for one element.
type Part struct {
	// File is the capture's name, Number counts its parts from 0.
	File   string
	Number int64
	Data   []byte
	// Last says that no part follows.
	Last bool
	// Fault is why there are no facts, in the last part; "" where there are.
	Fault string
}

// parts cuts what is written into parts.
type parts struct {
	next Part
	emit func(Part)
}

// Write implements io.Writer.
func (p *parts) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		if len(p.next.Data) == partSize {
			p.flush()
		}
		k := min(len(b), partSize-len(p.next.Data))
		p.next.Data = append(p.next.Data, b[:k]...)
		b = b[k:]
	}
	return n, nil
}

// flush emits what there is. The part's bytes belong to whoever gets it.
func (p *parts) flush() {
	p.emit(p.next)
	p.next = Part{File: p.next.File, Number: p.next.Number + 1}
}

// close emits the last part.
func (p *parts) close(fault string) {
	p.next.Last, p.next.Fault = true, fault
	p.flush()
}
