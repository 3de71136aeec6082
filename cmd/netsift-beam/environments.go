package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/hooks"
	fnpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/fnexecution_v1"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/grpcx"
)

// execute runs a pipeline on Prism, here or at --endpoint, with a process of this program for each step that a worker runs. Prism starts one worker for
// each environment (internal/execute.go: RunPipeline), and the Go SDK has all steps of a pipeline in one (graphx/translate.go: addDefaultEnv).
func execute(ctx context.Context, p *beam.Pipeline) error {
	if r := *runners.Runner; r != "" && !strings.HasPrefix(strings.ToLower(r), "prism") {
		return fmt.Errorf("--workers are for Prism; %s has workers of its own", r)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w, err := newWorkers(cancel)
	if err != nil {
		return err
	}
	defer w.close()
	pipeline, err := separated(ctx, p, w.address)
	if err != nil {
		return err
	}
	client, err := jobServer(ctx)
	if err != nil {
		return err
	}
	o := &runnerlib.JobOptions{Name: jobopts.GetJobName(), Experiments: jobopts.GetExperiments(), Parallelism: *jobopts.Parallelism}
	id, artifacts, token, err := runnerlib.Prepare(ctx, client, pipeline, o)
	if err != nil {
		return err
	}
	// There is nothing to send, but Prism waits for that to be said.
	if token, err = runnerlib.Stage(ctx, id, artifacts, "", token); err != nil {
		return err
	}
	if id, err = runnerlib.Submit(ctx, client, id, token); err != nil {
		return err
	}
	if err = runnerlib.WaitForCompletion(ctx, client, id); err != nil {
		switch {
		case errors.Is(context.Cause(ctx), errWorkerLost):
			err = context.Cause(ctx)
		case strings.Contains(err.Error(), "SDK worker disconnected"): // Prism was faster
			err = fmt.Errorf("%w: %w", errWorkerLost, err)
		}
		// Prism may wait for an answer of a worker that is gone for ever.
		ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer done()
		client.Cancel(ctx, &jobpb.CancelJobRequest{JobId: id})
	}
	return err
}

// jobServer returns Prism: the one at --endpoint, or else one in this process.
func jobServer(ctx context.Context) (jobpb.JobServiceClient, error) {
	if *jobopts.Endpoint == "" {
		return prism.CreateJobServer(ctx, prism.Options{})
	}
	c, err := grpcx.Dial(ctx, *jobopts.Endpoint, time.Minute)
	if err != nil {
		return nil, err
	}
	return jobpb.NewJobServiceClient(c), nil
}

// separated returns a pipeline in which each step that makes facts, and the one that makes the report, has an environment of its own: the same one, under
// another name. What else there is stays where it is, with the first step that makes facts.
func separated(ctx context.Context, p *beam.Pipeline, address string) (*pipepb.Pipeline, error) {
	if err := hooks.EnableHook(withoutMetrics); err != nil {
		return nil, err
	}
	edges, _, err := p.Build()
	if err != nil {
		return nil, err
	}
	env, err := graphx.CreateEnvironment(ctx, graphx.URNEnvExternal, func(context.Context) string { return address })
	if err != nil {
		return nil, err
	}
	env.Dependencies = nil // the program is here
	pipeline, err := graphx.Marshal(edges, &graphx.Options{Environment: env})
	if err != nil {
		return nil, err
	}
	c := pipeline.GetComponents()
	for _, t := range c.GetTransforms() {
		step, _, _ := strings.Cut(t.GetUniqueName(), "/")
		if from := c.GetEnvironments()[t.GetEnvironmentId()]; from != nil && (step == reportStep || strings.HasPrefix(step, factsSteps) && step != factsStep(0)) {
			t.EnvironmentId, c.GetEnvironments()[step] = step, from
		}
	}
	return pipeline, nil
}

// withoutMetrics has a worker tell the runner no metrics. Workers number theirs from 1, each for itself, and Prism takes the numbers of one for those of another,
// and fails (internal/jobservices/metrics.go: a job has one table of shortIDsToKeys).
const withoutMetrics = "netsift:hook:withoutmetrics"

func init() {
	hooks.RegisterHook(withoutMetrics, func([]string) hooks.Hook {
		return hooks.Hook{Resp: func(_ context.Context, _ *fnpb.InstructionRequest, resp *fnpb.InstructionResponse) error {
			if r := resp.GetProcessBundle(); r != nil {
				r.MonitoringData, r.MonitoringInfos = nil, nil
			}
			if r := resp.GetProcessBundleProgress(); r != nil {
				r.MonitoringData, r.MonitoringInfos = nil, nil
			}
			return nil
		}}
	})
}
