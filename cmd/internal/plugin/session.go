package plugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/netsift/netsift/decode/capture"
)

// session is one run of tcpdump on a node, from its first byte to its last words.
type session struct {
	// filter returns the capture's filter, given the sockets of the node while the session's own stream is open.
	filter func(sockets []socket) string
	frames *records
	sink   *sink

	stdin   *io.PipeWriter
	head    []byte // the list of sockets, until it is whole
	started bool
	said    []byte
}

// sessionScript is what runs in the capture pod. First it lists the sockets of the node, of which one is that of its own stream, and reads the
// filter that leaves that out. The end of its input, which is also what a client's death looks like, ends tcpdump, and its output with that: tcpdump
// would live on otherwise. It stays root (-Z), as which the shell can end it. The file held has the pod live on while a session runs (podScript).
//
// The arguments are the snap length and the size of the kernel's buffer in KiB.
const sessionScript = `: > ` + held + `$$
trap 'rm -f ` + held + `$$' EXIT
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
echo ` + socketsEnd + `
IFS= read -r filter || exit 0
exec 3<&0
tcpdump -Z root -i any -s "$1" -B "$2" -U -w - "$filter" </dev/null &
t=$!
{ cat <&3 >/dev/null; kill -TERM $t; } >/dev/null 2>&1 &
wait $t
s=$?
kill $! 2>/dev/null
exit $s`

// held begins the name of a file for each session.
const held = "/tmp/netsift-held."

// socketsEnd is the line behind the list of sockets.
const socketsEnd = "netsift"

// maxSaid bounds what is kept of the standard error, in bytes, and maxHead the list of sockets: of nodes that have a million.
const maxSaid, maxHead = 16 << 10, 256 << 20

var errNoSockets = errors.New("the capture pod does not answer as it should")

// stdout takes what the script writes.
func (s *session) stdout(b []byte) (int, error) {
	n := len(b)
	if !s.started {
		s.head = append(s.head, b...)
		list, rest, ok := bytes.Cut(s.head, []byte("\n"+socketsEnd+"\n"))
		if !ok {
			if len(s.head) > maxHead {
				return 0, errNoSockets
			}
			return n, nil
		}
		s.started = true
		filter := s.filter(readSockets(string(list)))
		go fmt.Fprintln(s.stdin, filter) // who reads it may be waiting for this to return
		s.head, b = nil, rest
	}
	if len(b) == 0 {
		return n, nil
	}
	if _, err := s.frames.Write(b); err != nil {
		return 0, err
	}
	s.sink.flush()
	return n, nil
}

// stderr takes what tcpdump says.
func (s *session) stderr(b []byte) (int, error) {
	if room := maxSaid - len(s.said); room > 0 {
		s.said = append(s.said, b[:min(room, len(b))]...)
	} else {
		s.said = append(s.said[:maxSaid/2], b[max(0, len(b)-maxSaid/2):]...) // the last words count
	}
	return len(b), nil
}

// writerFunc is an io.Writer.
type writerFunc func([]byte) (int, error)

// Write implements io.Writer.
func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// run runs the script in a pod until ctx ends the connection, end ends the capture in order, or it ends by itself.
func (s *session) run(ctx context.Context, exec execute, pod string, snaplen, buffer int, end <-chan struct{}) (lastWords, error) {
	in, stdin := io.Pipe()
	s.stdin = stdin
	over := make(chan struct{})
	go func() {
		select {
		case <-end:
		case <-over:
		}
		stdin.Close()
	}()
	err := exec(ctx, pod, []string{"sh", "-c", sessionScript, "sh", strconv.Itoa(snaplen), strconv.Itoa(buffer)}, in, writerFunc(s.stdout), writerFunc(s.stderr))
	close(over)
	in.Close()
	return readLastWords(string(s.said)), err
}

// lastWords is what tcpdump says in the end: complete only where it ended in order. A stream that a kubelet or a container runtime ends by
// restarting ends without an error.
type lastWords struct {
	complete          bool
	received, dropped uint64
	// complaint is what it said beside.
	complaint string
}

var (
	countWords = regexp.MustCompile(`(?m)^(\d+) packets? (captured|received by filter|dropped by kernel|dropped by interface)$`)
	usualWords = regexp.MustCompile(`listening on|data link type|WARNING: any: That device doesn't support promiscuous mode|^\d+ packets?|^\(Promiscuous mode not supported`)
)

func readLastWords(said string) (w lastWords) {
	for _, m := range countWords.FindAllStringSubmatch(said, -1) {
		n, err := strconv.ParseUint(m[1], 10, 63)
		if err != nil {
			continue
		}
		switch m[2] {
		case "captured":
			w.complete = true
		case "received by filter":
			w.received = n
		default:
			w.dropped += n
		}
	}
	var rest []string
	for line := range strings.Lines(said) {
		if line = strings.TrimSpace(line); line != "" && !usualWords.MatchString(line) {
			rest = append(rest, line)
		}
	}
	w.complaint = strings.Join(rest, "; ")
	return w
}

// newSession returns a session whose frames go to sink. filter is asked once for the capture's filter; began is called when tcpdump captures.
func newSession(sink *sink, filter func([]socket) string, began func()) *session {
	s := &session{filter: filter, sink: sink}
	s.frames = &records{
		begin: func(i capture.Interface) { sink.open(i); began() },
		frame: sink.frame,
	}
	return s
}
