package json

import "github.com/netsift/netsift/analyze/fact"

// Object is an object of the cluster that an address belongs to, as a snapshot has it.
type Object struct {
	// Kind is Pod, Service or Node.
	Kind      string  `json:"kind"`
	Namespace *string `json:"namespace"`
	Name      string  `json:"name"`
	// Owner is what made a pod: "Deployment/web".
	Owner *string `json:"owner"`
	// Node is the name of a pod's node.
	Node *string `json:"node"`
	// Port is the name of the port that was called.
	Port *string `json:"port"`
	// Doubtful says that the snapshot is of another time than the packets, in which the address may have been another's.
	Doubtful bool `json:"doubtful"`
}

// Objects are the objects of the parties, null where the snapshot has none.
type Objects struct {
	Client  *Object `json:"client"`
	Service *Object `json:"service"`
	Backend *Object `json:"backend"`
	Server  *Object `json:"server"`
}

// Root is a cause that a snapshot of the cluster tells.
type Root struct {
	// Kind is a word such as not-ready; contradicted where packets show that what the snapshot says is not so.
	Kind    string   `json:"kind"`
	Text    string   `json:"text"`
	Objects []Object `json:"objects"`
	// Source is where the snapshot says it: the file, and the kind and name or the command that printed it; several behind semicolons.
	Source string `json:"source"`
}

// Cluster is what is said of a snapshot of the cluster.
type Cluster struct {
	// Taken is the latest time that an object of it speaks of.
	Taken *string `json:"taken"`
	Nodes int     `json:"nodes"`
	// Objects counts its objects by kind.
	Objects map[string]int `json:"objects"`
	// Warnings say what of it could not be read, and why names are left out.
	Warnings []string `json:"warnings"`
}

func newObjects(o *fact.Objects) *Objects {
	if o == nil {
		return nil
	}
	return &Objects{newObject(o.Client), newObject(o.Service), newObject(o.Backend), newObject(o.Server)}
}

func newObject(o *fact.Object) *Object {
	if o == nil {
		return nil
	}
	return &Object{Kind: o.Kind, Namespace: text(o.Namespace), Name: o.Name, Owner: text(o.Owner), Node: text(o.Node), Port: text(o.Port), Doubtful: o.Doubtful}
}

func newRoot(r *fact.Root) *Root {
	if r == nil {
		return nil
	}
	return &Root{r.Kind, r.Text, each(r.Objects, func(o *fact.Object) Object { return *newObject(o) }), r.Source}
}

func newCluster(s *fact.Snapshotted) *Cluster {
	if s == nil {
		return nil
	}
	return &Cluster{Taken: when(s.Taken, 0), Nodes: s.Nodes, Objects: s.Objects, Warnings: orEmpty(s.Warnings)}
}
