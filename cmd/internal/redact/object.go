package redact

import "github.com/netsift/netsift/analyze/fact"

func (r *Redaction) objects(o *fact.Objects) *fact.Objects {
	if o == nil {
		return nil
	}
	return &fact.Objects{Client: r.object(o.Client), Service: r.object(o.Service), Backend: r.object(o.Backend), Server: r.object(o.Server)}
}

func (r *Redaction) object(o *fact.Object) *fact.Object {
	if o == nil {
		return nil
	}
	x := *o
	x.Namespace, x.Name, x.Owner = r.Name(o.Namespace), r.objectName(o.Kind, o.Name), r.owner(o.Owner)
	x.Node, x.Port, x.Container = r.nodeName(o.Node), r.portName(o.Port), r.Name(o.Container)
	return &x
}
