package plugin

import (
	"context"
	"slices"
	"strings"
)

// snapshot is what the cluster and its nodes say of themselves, as files by their paths.
type snapshot struct{ files map[string][]byte }

// takeObjects asks for the objects of the cluster, and delivers the snapshot of them.
func (r *run) takeObjects(ctx context.Context, namespaces []string) <-chan *snapshot {
	to := make(chan *snapshot, 1)
	go func() {
		s := &snapshot{files: map[string][]byte{}}
		ctx, cancel := context.WithTimeout(ctx, snapshotPatience)
		defer cancel()
		list, missing, err := r.cluster.snapshotObjects(ctx, namespaces)
		if err != nil {
			r.say("no snapshot of the cluster: %v", plain(err))
		} else {
			s.files["cluster.json"] = list
		}
		if len(missing) > 0 {
			r.say("missing in the snapshot of the cluster: %s", strings.Join(missing, "; "))
		}
		to <- s
	}()
	return to
}

// add adds the dumps of nodes, each in a folder of the node's name.
func (s *snapshot) add(dumped map[string][]dump) {
	for node, list := range dumped {
		for _, d := range list {
			s.files[node+"/"+d.file] = d.text
		}
	}
}

// save writes the files to a bundle.
func (s *snapshot) save(b *bundle) error {
	if b == nil {
		return nil
	}
	var names []string
	for name := range s.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := b.write(name, s.files[name]); err != nil {
			return err
		}
	}
	return nil
}

// snapshot saves the objects of the cluster, and the dumps of the nodes, and captures nothing.
func (r *run) snapshot(ctx context.Context) error {
	where := &places{}
	namespaces := []string{r.cluster.namespace}
	if r.dumps {
		if err := r.cluster.ready(ctx, r.say); err != nil {
			return err
		}
		var err error
		if where, namespaces, err = r.nodes(ctx); err != nil {
			return err
		}
	}
	saved, err := newBundle(r.save)
	if err != nil {
		return err
	}
	objects := r.takeObjects(ctx, namespaces)
	var dumped map[string][]dump
	if r.dumps {
		defer r.clean()
		_, dumped = r.begin(ctx, where, r.cluster.surroundings(ctx), newBudget(r.most, func() {}))
	}
	s := <-objects
	s.add(dumped)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(s.files) == 0 {
		return failf("there is nothing to save")
	}
	if err := s.save(saved); err != nil {
		return err
	}
	r.say("saved in %s; give it to netsift with --cluster %[1]s", r.save)
	return nil
}
