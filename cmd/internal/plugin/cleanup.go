package plugin

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// cleanUp deletes what runs have left, as a run that was killed does.
func (c *cluster) cleanUp(ctx context.Context, e *Env, namespaceToo bool) error {
	n, err := c.deletePods(ctx, "")
	if err != nil {
		return failf("%v", plain(err))
	}
	fmt.Fprintf(e.Stderr, "netsift: %d capture pods in namespace %s deleted\n", n, c.pods)
	if !namespaceToo {
		return nil
	}
	ns, err := c.kube.CoreV1().Namespaces().Get(ctx, c.pods, metav1.GetOptions{})
	switch {
	case isNotFound(err):
		return nil
	case err != nil:
		return failf("%v", plain(err))
	case ns.Labels[managedBy] != application:
		return failf("the namespace %s was made by someone else", c.pods)
	}
	if pods, err := c.kube.CoreV1().Pods(c.pods).List(ctx, metav1.ListOptions{}); err != nil || len(pods.Items) > 0 && n == 0 {
		return failf("the namespace %s is in use by others", c.pods)
	}
	if err := c.kube.CoreV1().Namespaces().Delete(ctx, c.pods, metav1.DeleteOptions{}); err != nil {
		return failf("%v", plain(err))
	}
	fmt.Fprintf(e.Stderr, "netsift: namespace %s deleted\n", c.pods)
	return nil
}
