package plugin

import (
	"context"
	"io"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/streaming/pkg/httpstream"
)

// execute runs a command in a capture pod. in may be nil.
type execute func(ctx context.Context, pod string, command []string, in io.Reader, out, errors io.Writer) error

// newExecute returns what runs commands through the API server, as kubectl exec does: over a WebSocket, and over SPDY where something on the way
// does not know these.
func newExecute(cfg *rest.Config, kube kubernetes.Interface, namespace string) execute {
	return func(ctx context.Context, pod string, command []string, in io.Reader, out, errors io.Writer) error {
		url := kube.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("exec").VersionedParams(&corev1.PodExecOptions{
			Container: container, Command: command, Stdin: in != nil, Stdout: true, Stderr: true,
		}, scheme.ParameterCodec).URL()
		spdy, err := remotecommand.NewSPDYExecutor(cfg, "POST", url)
		if err != nil {
			return err
		}
		websocket, err := remotecommand.NewWebSocketExecutor(cfg, "GET", url.String())
		if err != nil {
			return err
		}
		either, err := remotecommand.NewFallbackExecutor(websocket, spdy, func(err error) bool {
			return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
		})
		if err != nil {
			return err
		}
		return either.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: in, Stdout: out, Stderr: errors})
	}
}
