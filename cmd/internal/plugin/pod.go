package plugin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	application = "kubectl-netsift"
	container   = "capture"
	// managedBy marks what the plugin makes, so that cleanup finds it.
	managedBy = "app.kubernetes.io/managed-by"
	// runLabel has the run that a pod is of.
	runLabel = "netsift.io/run"
)

// DefaultImage has sh, tcpdump and what dumps are printed with, as its Dockerfile says: https://github.com/nicolaka/netshoot, at one version, so that what runs
// on nodes does not change by itself.
const DefaultImage = "docker.io/nicolaka/netshoot:v0.13"

// idleSeconds is how long a capture pod lives on without a session: as long as one may take to come back.
const idleSeconds = 30

// podScript is what runs in a capture pod: it ends when no session has been there for a while. So nothing runs on a node whose client has died.
const podScript = `trap 'exit 0' TERM INT
idle=0
while [ $idle -lt "$1" ]; do
  sleep 1 & wait $!
  set -- "$1" ` + held + `*
  if [ -e "$2" ]; then idle=0; else idle=$((idle+1)); fi
done`

// capabilities are NET_ADMIN and NET_RAW for tcpdump, iptables-save and conntrack, and the two without which a tcpdump that gives up being root, as those
// of most distributions do, fails, even where it is told to stay what it is.
var capabilities = []corev1.Capability{"NET_ADMIN", "NET_RAW", "SETGID", "SETUID"}

// capturePod returns the pod that captures on a node: in the network of the node, with these capabilities, and nothing of the node else. It ends at
// the deadline in any case.
func capturePod(node, run, image string, deadline time.Duration) *corev1.Pod {
	seconds, grace, no, root := int64(deadline/time.Second), int64(1), false, int64(0)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			GenerateName: podPrefix(node),
			Labels:       map[string]string{managedBy: application, runLabel: run, "app.kubernetes.io/name": "netsift"},
		},
		Spec: corev1.PodSpec{
			NodeName: node, HostNetwork: true, RestartPolicy: corev1.RestartPolicyNever, DNSPolicy: corev1.DNSDefault,
			ActiveDeadlineSeconds: &seconds, TerminationGracePeriodSeconds: &grace,
			AutomountServiceAccountToken: &no, EnableServiceLinks: &no,
			Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
			Containers: []corev1.Container{{
				Name: container, Image: image, ImagePullPolicy: corev1.PullIfNotPresent,
				Command: []string{"sh", "-c", podScript, "sh", fmt.Sprint(idleSeconds)},
				SecurityContext: &corev1.SecurityContext{
					RunAsUser: &root, AllowPrivilegeEscalation: &no,
					Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}, Add: capabilities},
				},
			}},
		},
	}
}

// podPrefix returns what the name of a node's capture pods begins with. A pod's name is one of DNS, and shorter than a node's may be.
func podPrefix(node string) string {
	if len(node) > 40 {
		node = strings.TrimRight(node[:40], ".-")
	}
	return "netsift-" + node + "-"
}

func newNamespace(name string) *corev1.Namespace {
	labels := map[string]string{managedBy: application}
	for _, mode := range []string{"enforce", "audit", "warn"} {
		labels["pod-security.kubernetes.io/"+mode] = "privileged"
	}
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

func isNotFound(err error) bool { return apierrors.IsNotFound(err) }

// createPod makes a node's capture pod.
func (c *cluster) createPod(ctx context.Context, p *corev1.Pod) (name string, err error) {
	made, err := c.kube.CoreV1().Pods(c.pods).Create(ctx, p, metav1.CreateOptions{})
	switch {
	case err == nil:
		return made.Name, nil
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "PodSecurity"):
		return "", failf("namespace %s refuses capture pods, which are in the network of their node: it is held to a Pod Security level other than privileged. "+
			"Who may label namespaces can allow them: kubectl label --overwrite namespace %[1]s pod-security.kubernetes.io/enforce=privileged; or name another namespace with --pod-namespace", c.pods)
	case apierrors.IsNotFound(err):
		return "", failf("there is no namespace %s for the capture pods; name one with --pod-namespace", c.pods)
	case apierrors.IsForbidden(err):
		return "", failf("the capture pod is refused: %v", plain(err))
	}
	return "", fmt.Errorf("the capture pod can't be made: %w", err)
}

// asking is how often a pod's state is asked for, and calm how long nothing is said of it: most run by then.
const (
	asking = 200 * time.Millisecond
	calm   = 3 * time.Second
)

// awaitPod waits until a capture pod runs. progress is told what is waited for where that takes a while, and when it changes.
func (c *cluster) awaitPod(ctx context.Context, e *Env, name, image string, patience time.Duration, progress func(string)) error {
	late, began := e.After(patience), e.Now()
	last, doing := "", ""
	for {
		p, err := c.kube.CoreV1().Pods(c.pods).Get(ctx, name, metav1.GetOptions{})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case apierrors.IsNotFound(err):
			return fmt.Errorf("the capture pod %s/%s was deleted by someone else", c.pods, name)
		case err != nil && !transient(err):
			return plain(err)
		case err == nil:
			if p.Status.Phase == corev1.PodRunning && len(p.Status.ContainerStatuses) > 0 && p.Status.ContainerStatuses[0].State.Running != nil {
				return nil
			}
			var wrong error
			if doing, wrong = podState(p, image); wrong != nil {
				return wrong
			}
			if doing != last && e.Now().Sub(began) > calm {
				progress(doing)
				last = doing
			}
		}
		select {
		case <-e.After(asking):
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fmt.Errorf("the capture pod %s/%s does not run after %v: %s", c.pods, name, patience, doing)
		}
	}
}

// transient reports whether asking again may help.
func transient(err error) bool {
	var status apierrors.APIStatus
	return !errors.As(err, &status) || apierrors.IsTooManyRequests(err) || apierrors.IsServerTimeout(err) || apierrors.IsInternalError(err) ||
		apierrors.IsServiceUnavailable(err) || apierrors.IsTimeout(err)
}

// podState returns what a pod that does not run yet is waiting for, or why it never will.
func podState(p *corev1.Pod, image string) (doing string, err error) {
	if p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded {
		why := p.Status.Message
		for _, s := range p.Status.ContainerStatuses {
			if t := s.State.Terminated; t != nil && why == "" {
				why = fmt.Sprintf("%s, exit code %d %s", t.Reason, t.ExitCode, t.Message)
			}
		}
		return "", fmt.Errorf("the capture pod ended: %s", strings.TrimSpace(p.Status.Reason+" "+why))
	}
	for _, s := range p.Status.ContainerStatuses {
		w := s.State.Waiting
		if w == nil {
			continue
		}
		switch w.Reason {
		case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "RegistryUnavailable":
			return "", fmt.Errorf("the image %s can't be pulled there (%s); name one with sh and tcpdump that can: --image IMAGE", image, oneLine(w.Message, w.Reason))
		case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
			return "", fmt.Errorf("the capture container can't be started: %s", oneLine(w.Message, w.Reason))
		}
		return "the container starts (" + w.Reason + ")", nil
	}
	if p.Status.Phase == corev1.PodPending && len(p.Status.Conditions) == 0 && p.Status.StartTime == nil {
		return "the kubelet of the node has not taken the capture pod yet", nil
	}
	return "the capture pod starts", nil
}

// oneLine shortens a message for a sentence.
func oneLine(message, or string) string {
	message = strings.Join(strings.Fields(message), " ")
	if message == "" {
		return or
	}
	if len(message) > 200 {
		message = strings.ToValidUTF8(message[:200], "") + "…"
	}
	return message
}

// deletePods deletes the capture pods of a run, or of all runs where it is "", and returns how many there were.
func (c *cluster) deletePods(ctx context.Context, run string) (n int, err error) {
	selector := managedBy + "=" + application
	if run != "" {
		selector += "," + runLabel + "=" + run
	}
	pods, err := c.kube.CoreV1().Pods(c.pods).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return 0, err
	}
	now := int64(0)
	for i := range pods.Items {
		err2 := c.kube.CoreV1().Pods(c.pods).Delete(ctx, pods.Items[i].Name, metav1.DeleteOptions{GracePeriodSeconds: &now})
		if err2 != nil && !apierrors.IsNotFound(err2) {
			err = errors.Join(err, err2)
			continue
		}
		n++
	}
	return n, err
}
