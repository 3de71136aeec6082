package plugin

import (
	"context"
	"fmt"
	"strings"
	"sync"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// permission is something that a user may be allowed to do.
type permission struct {
	verb, group, resource, subresource string
}

// String returns the permission in words.
func (p permission) String() string {
	r := p.resource
	if p.subresource != "" {
		r += "/" + p.subresource
	}
	if p.group != "" {
		r += "." + p.group
	}
	return p.verb + " " + r
}

// capturing is what capturing takes, in the namespace of the capture pods (docs/kubectl.md has it as a Role, which a test holds against this). A
// command is run with get over a WebSocket, and with create over SPDY; newer API servers ask for create in both cases.
var capturing = []permission{
	{verb: "create", resource: "pods"},
	{verb: "get", resource: "pods"},
	{verb: "list", resource: "pods"},
	{verb: "delete", resource: "pods"},
	{verb: "get", resource: "pods", subresource: "exec"},
	{verb: "create", resource: "pods", subresource: "exec"},
}

// allowed returns an error that says which of the wanted permissions the user does not have in a namespace. A cluster that does not answer the
// question will say so itself when it comes to it.
func (c *cluster) allowed(ctx context.Context, namespace string, wanted []permission) error {
	missing := make([]bool, len(wanted))
	var all sync.WaitGroup
	for i, p := range wanted {
		all.Go(func() {
			r, err := c.kube.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
				Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
					Namespace: namespace, Verb: p.verb, Group: p.group, Resource: p.resource, Subresource: p.subresource,
				}},
			}, metav1.CreateOptions{})
			missing[i] = err == nil && !r.Status.Allowed
		})
	}
	all.Wait()
	var list []string
	for i, p := range wanted {
		if missing[i] {
			list = append(list, p.String())
		}
	}
	if len(list) == 0 {
		return nil
	}
	return failf("you may not %s in namespace %s; who may give rights can apply the Role in docs/kubectl.md, or name another namespace with --pod-namespace",
		strings.Join(list, ", "), namespace)
}

// may reports whether the user has a permission, in all namespaces where namespace is "".
func (c *cluster) may(ctx context.Context, namespace string, p permission) bool {
	return c.allowed(ctx, namespace, []permission{p}) == nil
}

// ready makes the namespace of the capture pods, where there is none and the user may, and checks what capturing takes.
func (c *cluster) ready(ctx context.Context, say func(string, ...any)) error {
	_, err := c.kube.CoreV1().Namespaces().Get(ctx, c.pods, metav1.GetOptions{})
	if isNotFound(err) {
		if err := c.makeNamespace(ctx); err != nil {
			return err
		}
		say("made the namespace %s; kubectl netsift cleanup --namespace-too deletes it", c.pods)
	}
	return c.allowed(ctx, c.pods, capturing)
}

// makeNamespace makes the namespace of the capture pods.
func (c *cluster) makeNamespace(ctx context.Context) error {
	recipe := fmt.Sprintf("kubectl create namespace %s && kubectl label namespace %[1]s pod-security.kubernetes.io/enforce=privileged", c.pods)
	if !c.may(ctx, "", permission{verb: "create", resource: "namespaces"}) {
		return failf("there is no namespace %s for the capture pods, and you may not make it; who may can: %s", c.pods, recipe)
	}
	_, err := c.kube.CoreV1().Namespaces().Create(ctx, newNamespace(c.pods), metav1.CreateOptions{})
	if err != nil {
		return failf("the namespace %s for the capture pods can't be made: %v", c.pods, plain(err))
	}
	return nil
}
