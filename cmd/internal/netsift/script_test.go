package netsift

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"flag"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the transcripts of testdata/script: command, output, exit code. With -update it writes anew what cmp compares
// with. Beside the usual commands they have
//
//	netsift ARGS...          must exit with 0, with ! before it with anything else
//	exits CODE ARGS...       netsift that must exit with CODE
//	feed FILE                what netsift reads from standard input; without it standard input is a terminal
//	tty COLUMNS              standard output is a terminal from here on
//
// and the captures that writeCaptures makes.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       flag.Lookup("update").Value.String() == "true",
		Setup: func(e *testscript.Env) error {
			e.Values[stateKey{}] = &state{}
			return writeCaptures(e.WorkDir)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"netsift": func(ts *testscript.TestScript, neg bool, args []string) {
				if code := call(ts, args); (code != 0) != neg {
					ts.Fatalf("netsift %s: exit code %d", strings.Join(args, " "), code)
				}
			},
			"exits": func(ts *testscript.TestScript, _ bool, args []string) {
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				if code := call(ts, args[1:]); code != want {
					ts.Fatalf("netsift %s: exit code %d, want %d", strings.Join(args[1:], " "), code, want)
				}
			},
			"feed": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Value(stateKey{}).(*state).stdin = []byte(ts.ReadFile(args[0]))
			},
			"tty": func(ts *testscript.TestScript, _ bool, args []string) {
				n, err := strconv.Atoi(args[0])
				ts.Check(err)
				ts.Value(stateKey{}).(*state).width = n
			},
		},
	})
}

type stateKey struct{}

// state is what a transcript has set.
type state struct {
	stdin []byte
	width int
}

// call runs netsift in this process, in an Env of its own.
func call(ts *testscript.TestScript, args []string) int {
	s := ts.Value(stateKey{}).(*state)
	return Run(context.Background(), &Env{
		Args:  args,
		Stdin: bytes.NewReader(s.stdin), StdinTTY: s.stdin == nil, Stdout: ts.Stdout(), Stderr: ts.Stderr(), StdoutTTY: s.width > 0, Width: s.width,
		Getenv:     ts.Getenv,
		MakeFolder: func(name string) error { return os.MkdirAll(ts.MkAbs(name), 0o700) },
		Stat:       func(name string) (fs.FileInfo, error) { return os.Stat(ts.MkAbs(name)) },
		Open:       func(name string) (io.ReadCloser, error) { return os.Open(ts.MkAbs(name)) },
		Create:     func(name string, how making) (made, error) { return create(ts.MkAbs(name), how) },
		Remove:     func(name string) error { return os.Remove(ts.MkAbs(name)) },
		ReadDir:    func(name string) ([]fs.DirEntry, error) { return os.ReadDir(ts.MkAbs(name)) },
		Spool:      newSpool,
		SameFile:   os.SameFile,
		Limits:     noLimits(),
		Random:     rand.Reader,
		Now:        time.Now,
		After:      time.After,
		Every: func(d time.Duration) (<-chan time.Time, func()) {
			t := time.NewTicker(d)
			return t.C, t.Stop
		},
		Terminal: func() (io.ReadCloser, error) { return nil, fs.ErrNotExist },
		Listen:   func(address string) (net.Listener, error) { return net.Listen("tcp", address) },
	}, args)
}

// writeCaptures writes captures, good and bad, into a directory.
func writeCaptures(dir string) error {
	ping := pcap(linkRaw, echo(1), echo(2), echo(3))
	for name, data := range map[string][]byte{
		"ping.pcap":    ping,
		"-dash.pcap":   ping,
		"cut.pcap":     ping[:len(ping)-10],
		"header.pcap":  pcap(linkRaw),
		"empty.pcap":   {},
		"notes.txt":    []byte("To do: buy milk\n"),
		"unknown.pcap": pcap(147, echo(1)),
		"node1.zst":    demoNode1,
		"node2.zst":    demoNode2,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return os.Mkdir(filepath.Join(dir, "folder"), 0o755)
}

const linkRaw = 101

// pcap returns a capture of these packets, a millisecond apart.
func pcap(link uint32, packets ...[]byte) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0xa1b2c3d4)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(b, 65535)
	b = le.AppendUint32(b, link)
	for i, p := range packets {
		b = le.AppendUint32(b, 1795404972)
		b = le.AppendUint32(b, uint32(i)*1000)
		b = le.AppendUint32(b, uint32(len(p)))
		b = le.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}

// echo returns an ICMP echo request from 10.0.0.1 to 10.0.0.2.
func echo(seq byte) []byte {
	return []byte{
		0x45, 0, 0, 28, 0, seq, 0, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		8, 0, 0, 0, 0, 7, 0, seq,
	}
}
