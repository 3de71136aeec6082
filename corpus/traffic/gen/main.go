// Gen writes a capture of a busy node, of any length, to standard output, and its truth to standard error as JSON.
//
//	go run ./corpus/traffic/gen -frames 8000000 -live 20000 > busy.pcap
//	go run ./corpus/traffic/gen -pace -rate 100000 | netsift live
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/netsift/netsift/corpus/traffic"
)

func main() {
	o := traffic.Default
	flag.Uint64Var(&o.Frames, "frames", o.Frames, "frames to write")
	flag.IntVar(&o.Live, "live", o.Live, "connections and lookups that are open at any time")
	flag.IntVar(&o.Pods, "pods", o.Pods, "pods that call Services, 1 to 200")
	flag.IntVar(&o.Exchanges, "exchanges", o.Exchanges, "requests of a connection, at most")
	flag.IntVar(&o.Sightings, "sightings", o.Sightings, "places in which each packet is seen, 1 to 6")
	flag.IntVar(&o.Depth, "depth", o.Depth, "encapsulations on the uplink, 0 to 2")
	flag.IntVar(&o.Lookups, "lookups", o.Lookups, "of a thousand who begin, those that resolve a name")
	flag.IntVar(&o.Losses, "losses", o.Losses, "of a thousand requests, those that are lost and sent again")
	flag.Uint64Var(&o.SYNs, "syns", o.SYNs, "SYNs of a flood, each from another address")
	flag.Uint64Var(&o.Rate, "rate", o.Rate, "frames a second, in the time of the capture")
	flag.Uint64Var(&o.Seed, "seed", o.Seed, "another seed gives another capture")
	pace := flag.Bool("pace", false, "write the frames at their times, from now on")
	flag.Parse()
	if *pace {
		o.Begin = time.Now().UnixNano()
		o.Wait = func(at int64) { time.Sleep(time.Until(time.Unix(0, at))) }
	}
	truth, err := traffic.Write(os.Stdout, o)
	if err == nil {
		err = json.NewEncoder(os.Stderr).Encode(truth)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
