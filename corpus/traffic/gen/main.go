// Gen writes a capture of a busy node, of any length, to standard output, and its truth to standard error as JSON. With churn
// before the flags, connections come and go. With cluster and a folder before them it writes captures of several nodes there, node1.pcap and so on, which
// share all connections.
//
//	go run ./corpus/traffic/gen -frames 8000000 -live 20000 > busy.pcap
//	go run ./corpus/traffic/gen churn -pods 20 -called 3 -backends 4 > churn.pcap
//	go run ./corpus/traffic/gen cluster captures -nodes 8 -frames 4000000
//	go run ./corpus/traffic/gen -pace -rate 100000 | netsift live
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/netsift/netsift/corpus/traffic"
)

func main() {
	o, args := traffic.Default, os.Args[1:]
	folder, nodes := "", 2
	switch {
	case len(args) > 0 && args[0] == "churn":
		o, args = traffic.Churn, args[1:]
	case len(args) > 1 && args[0] == "cluster" && !strings.HasPrefix(args[1], "-"):
		o, folder, args = traffic.Cluster, args[1], args[2:]
		flag.IntVar(&nodes, "nodes", nodes, "nodes to capture, 2 to 64")
		flag.IntVar(&o.Hot, "hot", o.Hot, "of a thousand connections, those with the first Service")
	}
	flag.Uint64Var(&o.Frames, "frames", o.Frames, "frames to write")
	flag.IntVar(&o.Live, "live", o.Live, "long connections that are open at any time")
	flag.IntVar(&o.Exchanges, "exchanges", o.Exchanges, "requests of a long connection, at most")
	flag.IntVar(&o.Short, "short", o.Short, "of a thousand frames, those of short connections and their lookups")
	flag.IntVar(&o.Requests, "requests", o.Requests, "requests of a short connection, at most; 0 for lookups alone")
	flag.IntVar(&o.Pods, "pods", o.Pods, "pods that call Services, 1 to 200")
	flag.IntVar(&o.Services, "services", o.Services, "Services in all")
	flag.IntVar(&o.Called, "called", o.Called, "Services that a pod calls")
	flag.IntVar(&o.Backends, "backends", o.Backends, "backends of a Service")
	flag.IntVar(&o.Sightings, "sightings", o.Sightings, "places in which each packet is seen, 1 to 6")
	flag.IntVar(&o.Depth, "depth", o.Depth, "encapsulations on the uplink, 0 to 2")
	flag.IntVar(&o.Lookups, "lookups", o.Lookups, "of a thousand connections, those that a lookup precedes")
	flag.IntVar(&o.Candidates, "candidates", o.Candidates, "names that a lookup asks for, 1 to 4")
	flag.Func("dns-port", "port of the DNS server (default 53)", func(s string) error {
		n, err := strconv.ParseUint(s, 10, 16)
		o.DNSPort = uint16(n)
		return err
	})
	flag.IntVar(&o.Losses, "losses", o.Losses, "of a thousand requests, those that are lost and sent again")
	flag.Uint64Var(&o.SYNs, "syns", o.SYNs, "SYNs of a flood, each from another address")
	flag.Uint64Var(&o.Rate, "rate", o.Rate, "frames a second, about, in the time of the capture")
	flag.Uint64Var(&o.Seed, "seed", o.Seed, "another seed gives another capture")
	pace := flag.Bool("pace", false, "write the frames at their times, from now on")
	_ = flag.CommandLine.Parse(args) // ends the program itself
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "gen: %s is neither churn nor cluster FOLDER, which come first, nor a flag\n", flag.Arg(0))
		os.Exit(2)
	}
	if *pace {
		o.Begin = time.Now().UnixNano()
		o.Wait = func(at int64) { time.Sleep(time.Until(time.Unix(0, at))) }
	}
	truth, err := write(o, folder, nodes)
	if err == nil {
		err = json.NewEncoder(os.Stderr).Encode(truth)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// write writes to standard output, or the captures of several nodes to a folder.
func write(o traffic.Options, folder string, nodes int) (truth traffic.Truth, err error) {
	if folder == "" {
		return traffic.Write(os.Stdout, o)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return truth, err
	}
	var to []io.Writer
	for i := range nodes {
		f, failed := os.Create(filepath.Join(folder, fmt.Sprintf("node%d.pcap", i+1)))
		if failed != nil {
			return truth, failed
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		to = append(to, f)
	}
	return traffic.WriteCluster(to, o)
}
