// Netsift-beam says what netsift analyze says, of captures that no single machine has room for: an Apache Beam pipeline that makes facts of each capture
// where a worker reads it, and one report of all facts.
//
//	netsift-beam --input 'captures/*.pcap' --output out/cluster
//	netsift-beam --workers 2 --input 's3://bucket/*.tgz' --output s3://bucket/cluster
//	netsift-beam --input 'gs://bucket/*.pcap.zst,gs://bucket/*.facts' --output gs://bucket/cluster --runner dataflow ... -- --cluster gs://bucket/cluster.json
//
// What follows -- are flags of netsift analyze. The report goes to OUTPUT.json and OUTPUT.txt, and its text to standard output, too; a row for each connection
// goes to OUTPUT.parquet. Without --runner the pipeline runs in this process, or with --workers in some on this machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"github.com/netsift/netsift/decode"
)

func main() {
	var j job
	input := flag.String("input", "", "captures, facts files, and archives of them: names or globs, separated by commas; local, gs:// or s3://")
	flag.StringVar(&j.output, "output", "", "what the names of the results begin with: OUTPUT.json, OUTPUT.txt, OUTPUT.parquet")
	flag.IntVar(&j.workers, "workers", 0, "have Prism, here or at --endpoint, make facts in so many processes, and the report in one more; 0: workers are the runner's affair")
	flag.IntVar(&j.attempts, "attempts", 3, "how often the job is run at most, when one of --workers ends before it")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "netsift-beam --input GLOB,... --output PREFIX [flags of Beam] [-- flags of netsift analyze]")
		flag.PrintDefaults()
	}
	flag.Parse()
	beam.Init() // a worker's process stays here
	j.globs, j.args = strings.FieldsFunc(*input, func(r rune) bool { return r == ',' }), flag.Args()
	if err := j.run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "netsift-beam:", err)
		os.Exit(1)
	}
}

// job is what is asked for.
type job struct {
	// globs say which captures, output is what the names of the results begin with, args are flags of netsift analyze.
	globs  []string
	output string
	args   []string
	// workers is how many processes make facts, 0 for what the runner likes, and attempts how often the job is run at most, when one of them ends before it.
	workers, attempts int
}

// run runs the pipeline, and writes the report as text to stdout.
func (j *job) run(ctx context.Context, stdout io.Writer) error {
	if len(j.globs) == 0 || j.output == "" {
		return fmt.Errorf("say which captures, and where the report goes: netsift-beam --input 'captures/*.pcap' --output out/cluster")
	}
	ports, err := tunnelPorts(j.args)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := j.attempt(ctx, ports)
		if err == nil {
			break
		}
		if attempt >= j.attempts || !errors.Is(err, errWorkerLost) {
			return err
		}
		log.Warnf(ctx, "%v; attempt %d of %d follows", err, attempt+1, j.attempts)
	}
	text, err := open(ctx, j.output+".txt")
	if err != nil {
		return fmt.Errorf("%s.txt: %w", j.output, err)
	}
	defer text.Close()
	_, err = io.Copy(stdout, text)
	return err
}

// attempt runs the pipeline once. Results are written at its end, each whole or not at all, so that one that failed can be tried again.
func (j *job) attempt(ctx context.Context, ports map[decode.EncapKind][]uint16) error {
	p := beam.NewPipeline()
	build(p.Root(), j.globs, max(j.workers, 1), FactsFn{Ports: ports}, ReportFn{Args: j.args, Output: j.output})
	if j.workers > 0 {
		return execute(ctx, p)
	}
	return beamx.Run(ctx, p)
}
