// Netsift-beam says what netsift analyze says, of captures that no single machine has room for: an Apache Beam pipeline that makes facts of each capture
// where a worker reads it, and one report of all facts.
//
//	netsift-beam --input 'captures/*.pcap' --output out/cluster
//	netsift-beam --input 'gs://bucket/*.pcap.zst,gs://bucket/*.facts' --output gs://bucket/cluster --runner dataflow ... -- --cluster gs://bucket/cluster.json
//
// What follows -- are flags of netsift analyze. The report goes to OUTPUT.json and OUTPUT.txt, and its text to standard output, too; a row for each connection
// goes to OUTPUT.parquet. Without --runner the pipeline runs in this process.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
)

func main() {
	input := flag.String("input", "", "captures and facts files: names or globs, separated by commas; local, gs:// or s3://")
	output := flag.String("output", "", "what the names of the results begin with: OUTPUT.json, OUTPUT.txt, OUTPUT.parquet")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "netsift-beam --input GLOB,... --output PREFIX [flags of Beam] [-- flags of netsift analyze]")
		flag.PrintDefaults()
	}
	flag.Parse()
	beam.Init() // a worker's process stays here
	if err := run(context.Background(), strings.FieldsFunc(*input, func(r rune) bool { return r == ',' }), *output, flag.Args(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "netsift-beam:", err)
		os.Exit(1)
	}
}

// run runs the pipeline, and writes the report as text to stdout.
func run(ctx context.Context, globs []string, output string, args []string, stdout io.Writer) error {
	if len(globs) == 0 || output == "" {
		return fmt.Errorf("say which captures, and where the report goes: netsift-beam --input 'captures/*.pcap' --output out/cluster")
	}
	ports, err := tunnelPorts(args)
	if err != nil {
		return err
	}
	p := beam.NewPipeline()
	build(p.Root(), globs, ports, ReportFn{Args: args, Output: output})
	if err := beamx.Run(ctx, p); err != nil {
		return err
	}
	text, err := open(ctx, output+".txt")
	if err != nil {
		return fmt.Errorf("%s.txt: %w", output, err)
	}
	defer text.Close()
	_, err = io.Copy(stdout, text)
	return err
}
