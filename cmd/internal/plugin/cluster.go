package plugin

import (
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// cluster is what the plugin asks of a cluster.
type cluster struct {
	kube    kubernetes.Interface
	objects dynamic.Interface
	execute execute
	// namespace is that of targets that are named without one, and pods that of capture pods.
	namespace, pods string
}

// connect returns the cluster that the usual flags and the kubeconfig name.
func connect(flags *genericclioptions.ConfigFlags, pods string) (*cluster, error) {
	c := &cluster{pods: pods}
	var err error
	if c.namespace, _, err = flags.ToRawKubeConfigLoader().Namespace(); err != nil {
		return nil, usagef("%v", err)
	}
	cfg, err := flags.ToRESTConfig()
	if err != nil {
		return nil, usagef("%v", err)
	}
	// A snapshot asks for a dozen lists at once, and a pod's state is asked for several times a second.
	cfg.QPS, cfg.Burst = 50, 100
	// Admission's warnings about capture pods are what these are for.
	cfg.WarningHandler = rest.NoWarnings{}
	cfg.UserAgent = application
	if c.kube, err = kubernetes.NewForConfig(cfg); err != nil {
		return nil, err
	}
	if c.objects, err = dynamic.NewForConfig(cfg); err != nil {
		return nil, err
	}
	c.execute = newExecute(cfg, c.kube, pods)
	return c, nil
}
