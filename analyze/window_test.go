package analyze

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// pinging is a capture of raw IP packets at these times, in seconds, each with one UDP datagram of its own.
func pinging(port uint16, seconds ...float64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0)
	b = binary.LittleEndian.AppendUint32(b, 101)
	for i, s := range seconds {
		p := []byte{0x45, 0, 0, 36, 0, byte(i), 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, byte(port >> 8), byte(port), 0x10, 0, 0, 16, 0, 0, byte(port), byte(i), 3, 4, 5, 6, 7, 8}
		b = binary.LittleEndian.AppendUint32(b, uint32(s))
		b = binary.LittleEndian.AppendUint32(b, uint32((s-float64(uint32(s)))*1e6))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(p)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}

// led is a run over streams until as many frames as wanted have been led on, with a clock that goes on when the window waits: the captures of the
// frames in their order.
func led(t *testing.T, want int, streams ...*stalling) (order []int, f *fact.Facts) {
	t.Helper()
	var (
		clock sync.Mutex
		now   = time.Unix(1000, 0)
	)
	tell := func() time.Time {
		clock.Lock()
		defer clock.Unlock()
		return now
	}
	stop := make(chan struct{})
	live := &Live{Now: tell, Stop: stop, Moment: func(*Moment) {}}
	live.After = func(d time.Duration) <-chan time.Time {
		due := tell().Add(d)
		c := make(chan time.Time, 1)
		go func() {
			for _, s := range streams { // what can be read has been
				<-s.read
			}
			clock.Lock()
			if now.Before(due) {
				now = due
			}
			clock.Unlock()
			c <- due
		}()
		return c
	}
	var in []Input
	for i, r := range streams {
		in = append(in, Input{Name: string(rune('a' + i)), Stream: true, Open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }})
	}
	f, err := Run(context.Background(), in, Config{Live: live, Frame: func(f *Frame, _ bool) {
		if order = append(order, f.Capture); len(order) == want {
			close(stop)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return order, f
}

// stalling is a reader of which nothing more comes, and that does not end.
type stalling struct {
	io.Reader
	// read is closed when more is asked for.
	read, ever chan struct{}
}

func (s *stalling) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	if err != nil {
		close(s.read)
		<-s.ever
	}
	return n, nil
}

func stall(b []byte) *stalling {
	return &stalling{bytes.NewReader(b), make(chan struct{}), make(chan struct{})}
}

// TestWindowGoesOn: a stream of which nothing comes holds nobody up, nor does one that is hours away; the facts say so.
func TestWindowGoesOn(t *testing.T) {
	four := []float64{10, 11, 12, 13}
	for _, x := range []struct {
		name   string
		second *stalling
		// hours is the offset of the second one's clock in the facts.
		hours int64
		// want is how many frames come in all.
		want int
	}{
		{"stalls before anything", stall(nil), 0, 4},
		{"stalls", stall(pinging(2, 10.5, 11.5, 12.5, 12.6)), 0, 8},
		{"hours ahead", stall(pinging(2, 36010, 36011, 36012, 36013)), 10, 8},
	} {
		order, f := led(t, x.want, stall(pinging(1, four...)), x.second)
		if len(f.Captures) != 2 || len(order) == 0 {
			t.Fatalf("%s: %v", x.name, order)
		}
		first := 0
		for _, c := range order {
			if c == 0 {
				first++
			}
		}
		if first != len(four) || len(order) != x.want {
			t.Errorf("%s: led on %v", x.name, order)
		}
		s := f.Captures[1].Stream
		if s == nil || s.Ended || s.Pause == 0 {
			t.Errorf("%s: nothing says that it stalled: %+v", x.name, s)
		}
		if c := f.Captures[1].Clock; (c.Offset+1800e9)/3600e9 != x.hours || c.Samples != 0 {
			t.Errorf("%s: its clock is %+v", x.name, c)
		}
	}
}

// TestWindowRoom: of a stream that is far ahead no more than its share is taken in.
func TestWindowRoom(t *testing.T) {
	e := &engine{inputs: make([]Input, 2), cfg: Config{MaxMemory: 1 << 20, Live: &Live{Now: time.Now}}}
	e.window = newWindow(e)
	s := newStream(Input{}, nil)
	s.window, s.full, s.empty = e.window, make(chan *batch, 1), make(chan *batch, 1)
	e.streams = []*stream{s}
	taken := 0
	for ; taken < 1000; taken++ {
		b := &batch{}
		b.block.Data = make([]byte, 1<<10)
		s.full <- b
		s.held += b.size() // as packets of that size do
		e.window.takeIn()
		if len(s.full) > 0 {
			break
		}
		<-s.empty
	}
	if want := e.window.room >> 10; taken < want-1 || taken > want+1 {
		t.Errorf("%d batches were taken in, there is room for %d", taken, want)
	}
}

// TestClone: a batch that is kept has nothing in common with the one that is read into next.
func TestClone(t *testing.T) {
	b := &batch{packets: make([]decode.Packet, 2), order: []uint32{1, 0}, eras: []uint32{0, 1}, anew: []int{1}}
	c := b.clone()
	b.packets[0].Frame, b.order[0], b.eras[0], b.anew[0] = 9, 9, 9, 9
	if c.packets[0].Frame == 9 || c.order[0] == 9 || c.eras[0] == 9 || c.anew[0] == 9 {
		t.Errorf("%+v", c)
	}
}
