package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime"
	fnpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/fnexecution_v1"
	"google.golang.org/grpc"
)

// errWorkerLost says that a job failed because a worker ended.
var errWorkerLost = errors.New("a worker ended before the job")

// workers are processes of this program on this machine, which a runner asks for over Beam's protocol for external workers.
type workers struct {
	fnpb.UnimplementedBeamFnExternalWorkerPoolServer
	server  *grpc.Server
	address string
	// lost is told of each that ends by itself.
	lost func(error)

	mu sync.Mutex
	// running are those that nobody has stopped yet, by the names that the runner gave them; nil when there are to be no more.
	running map[string]*exec.Cmd
}

// newWorkers waits for a runner to ask for workers.
func newWorkers(lost func(error)) (*workers, error) {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return nil, err
	}
	w := &workers{server: grpc.NewServer(), address: l.Addr().String(), lost: lost, running: map[string]*exec.Cmd{}}
	fnpb.RegisterBeamFnExternalWorkerPoolServer(w.server, w)
	go w.server.Serve(l)
	return w, nil
}

// StartWorker implements fnpb.BeamFnExternalWorkerPoolServer.
func (w *workers) StartWorker(_ context.Context, r *fnpb.StartWorkerRequest) (*fnpb.StartWorkerResponse, error) {
	if err := w.start(r); err != nil {
		return &fnpb.StartWorkerResponse{Error: err.Error()}, nil
	}
	return &fnpb.StartWorkerResponse{}, nil
}

// start starts a worker.
func (w *workers) start(r *fnpb.StartWorkerRequest) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	options, err := json.Marshal(runtime.RawOptionsWrapper{Options: beam.PipelineOptions.Export()})
	if err != nil {
		return err
	}
	id := r.GetWorkerId()
	// What Beam's containers hand to a program that is a worker.
	cmd := exec.Command(program, "--worker", "--id="+id, "--options="+string(options),
		"--logging_endpoint="+r.GetLoggingEndpoint().GetUrl(), "--control_endpoint="+r.GetControlEndpoint().GetUrl())
	cmd.Stderr = os.Stderr
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running == nil {
		return errors.New("the job is over")
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	w.running[id] = cmd
	go func() {
		cmd.Wait()
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.running[id] == cmd {
			delete(w.running, id)
			w.lost(fmt.Errorf("%w: %s: %v", errWorkerLost, id, cmd.ProcessState))
		}
	}()
	return nil
}

// StopWorker implements fnpb.BeamFnExternalWorkerPoolServer.
func (w *workers) StopWorker(_ context.Context, r *fnpb.StopWorkerRequest) (*fnpb.StopWorkerResponse, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if cmd := w.running[r.GetWorkerId()]; cmd != nil {
		delete(w.running, r.GetWorkerId())
		cmd.Process.Kill()
	}
	return &fnpb.StopWorkerResponse{}, nil
}

// close ends all workers.
func (w *workers) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, cmd := range w.running {
		cmd.Process.Kill()
	}
	w.running = nil
	w.server.Stop()
}
