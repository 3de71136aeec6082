package plugin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/klog/v2"

	"github.com/netsift/netsift/cmd/internal/netsift"
	"github.com/netsift/netsift/cmd/internal/report"
)

// Run runs the plugin with these arguments, and returns its exit code: that of netsift (docs/contract.md).
func Run(e *Env, args []string) int {
	// client-go logs what it also returns.
	klog.SetLogger(logr.Discard())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := &program{env: e, connect: connect, stop: cancel}
	go p.interrupted()
	c := p.command()
	c.SetArgs(args)
	err := c.ExecuteContext(ctx)
	if err != nil && ctx.Err() == nil && err.Error() != "" {
		fmt.Fprintln(e.Stderr, "netsift:", report.Clean(strings.TrimPrefix(err.Error(), "error: ")))
	}
	switch {
	case ctx.Err() != nil:
		return netsift.ExitInterrupted
	case err != nil:
		return exitCode(err)
	}
	return p.code
}

// program is the command line while it runs.
type program struct {
	env     *Env
	connect func(*genericclioptions.ConfigFlags, string) (*cluster, error)
	// stop leaves at once.
	stop func()
	// finish ends capturing in order, where something is captured.
	finishing chan func()
	code      int
}

// interrupted ends capturing at the first interrupt, and leaves at the second, or where nothing is captured.
func (p *program) interrupted() {
	<-p.env.Interrupts
	select {
	case finish := <-p.finishing:
		finish()
		<-p.env.Interrupts
	default:
	}
	p.stop()
	<-p.env.Interrupts
	p.env.Exit(netsift.ExitInterrupted)
}

const examples = `  # the Service does not answer: its nodes, and the client's
  kubectl netsift pod/client svc/web

  # names do not resolve: the nodes of the DNS servers, too, for half a minute
  kubectl netsift --dns --for 30s deploy/shop

  # a client in another namespace, and what was captured to read again
  kubectl netsift --save case1 shop/pod/cart-0 default/svc/api`

func (p *program) command() *cobra.Command {
	p.finishing = make(chan func(), 1)
	flags := genericclioptions.NewConfigFlags(true)
	o := &options{}
	var pods, size, output string
	root := &cobra.Command{
		Use:   "netsift [TARGET...] [-- FLAGS OF netsift live]",
		Short: "says why traffic in this cluster fails: captures on the nodes of pods, Services and nodes, all at once, and reads it",
		Long: `Captures on the nodes that a target is on, all at once, and says what is wrong
while packets come in; at the end the report.

A TARGET is POD, svc/NAME (the nodes of its endpoints), deploy/NAME (also sts,
ds, rs, job) or node/NAME, with a namespace before it where it is in another
one: shop/svc/cart. Name the client's pod and what it calls. Without a target,
or with one that has no pods, it is all nodes, of a small cluster.

On each of them a pod in the node's network runs for that time. It leaves out
of the capture what carries the capture away, and nothing else.`,
		Example:     examples,
		Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl netsift"}, // of a plugin, kubectl is the command
		Version:     netsift.Version, SilenceErrors: true, SilenceUsage: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			o.analyze = true
			o.targets = args
			if n := c.ArgsLenAtDash(); n >= 0 {
				o.targets, o.live = args[:n], args[n:]
			}
			if output != "" {
				o.live = append([]string{"-o", output}, o.live...)
			}
			if o.until {
				o.live = append([]string{"--until-finding"}, o.live...)
			}
			return p.capture(c.Context(), flags, pods, size, o)
		},
	}
	root.SetVersionTemplate(netsift.BuildText("kubectl-netsift"))
	root.SetOut(p.env.Stdout)
	root.SetErr(p.env.Stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return usagef("%v; kubectl netsift --help lists the flags", err)
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Hidden: true})
	flags.AddFlags(root.PersistentFlags())
	place := root.PersistentFlags()
	place.StringVar(&pods, "pod-namespace", "netsift", "namespace of the capture pods; it is made where there is none")
	targets := func(c *cobra.Command) {
		f := c.Flags()
		f.BoolVar(&o.dns, "dns", false, "the nodes of the cluster's DNS servers, too")
		f.BoolVar(&o.all, "all-nodes", false, "all nodes, however many there are")
		f.StringVar(&o.image, "image", DefaultImage, "image of the capture pods, with sh and tcpdump; dumps take what is there of ip, bridge, iptables, nft, conntrack")
		f.DurationVar(&o.timeout, "timeout", time.Minute, "how long a capture pod may take until it runs")
	}
	capturing := func(c *cobra.Command) {
		targets(c)
		f := c.Flags()
		f.DurationVar(&o.last, "for", 0, "capture for that long, such as 30s (default until Ctrl-C, an hour at most)")
		f.StringVar(&o.filter, "filter", "", "capture only what matches this filter of tcpdump's; filters hide causes (docs/capture.md)")
		f.IntVar(&o.snaplen, "snaplen", 256, "bytes kept of each packet: 256 hold all headers and most DNS messages")
		f.IntVar(&o.buffer, "buffer", 32768, "buffer of each node's kernel, in KiB")
		f.StringVar(&size, "max-size", "2G", "capturing ends when all captures together are as large")
		f.BoolVar(&o.dumps, "dumps", true, "ask the nodes for addresses, routes, rules and entries of conntrack, too")
	}
	capturing(root)
	root.Flags().BoolVar(&o.until, "until-finding", false, "end at the first finding at or above warning (or --min-severity behind --)")
	root.Flags().StringVar(&o.save, "save", "", "keep captures and snapshot in this new folder, for netsift analyze")
	root.Flags().StringVarP(&output, "output", "o", "", "form of the result: text or json")

	only := &cobra.Command{
		Use: "capture [TARGET...]", Short: "only saves captures and snapshot, for netsift analyze", Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			o.targets = args
			p.name(o)
			return p.capture(c.Context(), flags, pods, size, o)
		},
	}
	capturing(only)
	only.Flags().StringVar(&o.save, "save", "", "the new folder (default netsift-TIME)")

	shot := &cobra.Command{
		Use: "snapshot [TARGET...]", Short: "only saves what the cluster and its nodes say of themselves, for netsift --cluster", Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			o.targets = args
			p.name(o)
			x, err := p.connect(flags, pods)
			if err != nil {
				return err
			}
			return newRun(p.env, x, o).snapshot(c.Context())
		},
	}
	targets(shot)
	shot.Flags().BoolVar(&o.dumps, "dumps", true, "ask the nodes, too: with --dumps=false no pod is made")
	shot.Flags().StringVar(&o.save, "save", "", "the new folder (default netsift-TIME)")

	var namespaceToo bool
	clean := &cobra.Command{
		Use: "cleanup", Short: "deletes the capture pods of all runs, also of those that go on", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			x, err := p.connect(flags, pods)
			if err != nil {
				return err
			}
			return x.cleanUp(c.Context(), p.env, namespaceToo)
		},
	}
	clean.Flags().BoolVar(&namespaceToo, "namespace-too", false, "delete the namespace as well, if this command made it")
	root.AddCommand(only, shot, clean)
	return root
}

// name gives the bundle its name.
func (p *program) name(o *options) {
	if o.save == "" {
		o.save = "netsift-" + p.env.Now().UTC().Format("20060102T150405Z")
	}
}

func (p *program) capture(ctx context.Context, flags *genericclioptions.ConfigFlags, pods, size string, o *options) error {
	q, err := resource.ParseQuantity(size)
	if err != nil || q.Value() < 1<<20 {
		return usagef("--max-size %q: give a size of 1M or more, such as 500M or 2G", size)
	}
	o.most = q.Value()
	switch {
	case o.snaplen < 64 || o.snaplen > 262144:
		return usagef("--snaplen %d: give 64 to 262144 bytes", o.snaplen)
	case o.buffer < 64 || o.buffer > 1<<20:
		return usagef("--buffer %d: give 64 to 1048576 KiB", o.buffer)
	case o.last < 0 || o.last > 24*time.Hour:
		return usagef("--for %v: give a time of up to 24h", o.last)
	case o.timeout < time.Second || o.timeout > podMargin:
		return usagef("--timeout %v: give 1s to %v", o.timeout, podMargin)
	}
	x, err := p.connect(flags, pods)
	if err != nil {
		return err
	}
	r := newRun(p.env, x, o)
	if o.filter != "" {
		r.say("--filter hides causes: ICMP errors, DNS, and what is in tunnels, unless it lets them through")
	}
	p.finishing <- r.finish
	code, err := r.capture(ctx)
	p.code = code
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
