package fact

// Object is an object of the cluster that an address belongs to, as a snapshot has it. Fields that do not apply are "".
type Object struct {
	// Kind is Pod, Service or Node; in a Root others, too.
	Kind            string
	Namespace, Name string
	// Owner is what made a pod, as kind and name: "Deployment/web".
	Owner string
	// Node is the name of a pod's node.
	Node string
	// Port is the name of the port that was called.
	Port string
	// Container is the container of a pod that has this port, or its only one.
	Container string
	// Doubtful says that the snapshot is of another time than the packets, in which the address may have been another's.
	Doubtful bool
}

// String returns the object's name as people write it: default/web-1, svc default/web, node node1; with a question mark where it is doubtful.
func (o *Object) String() string {
	name := o.Namespace + "/" + o.Name
	switch o.Kind {
	case "Service":
		name = "svc " + name
	case "Node":
		name = "node " + o.Name
	}
	if o.Doubtful {
		name += "?"
	}
	return name
}

// Objects are the objects of the parties of a connection, a lookup or a finding. One that is not known is nil.
type Objects struct{ Client, Service, Backend, Server *Object }

// Snapshotted is what is said of the snapshot that names come from.
type Snapshotted struct {
	// Taken is the latest time that it speaks of, in Unix nanoseconds, 0 where it has none.
	Taken int64
	// Nodes counts its nodes, Objects its objects by kind.
	Nodes   int
	Objects map[string]int
	// Warnings say what of it could not be read, and why names are left out.
	Warnings []string
}

// Root is the cause of a finding that a snapshot of the cluster tells.
type Root struct {
	// Kind is a word such as not-ready; contradicted where packets show that what the snapshot says is not so.
	Kind string
	// Text is a sentence.
	Text string
	// Objects are those that it is about, the one to look at first.
	Objects []Object
	// Source is where the snapshot says it: "cluster.json: EndpointSlice default/web-x", "node1.ip-route.txt: ip route"; several behind semicolons.
	Source string
}
