package main

import (
	"io"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// registry is where images are published.
const registry = "ghcr.io/netsift/netsift"

// image writes an image with netsift and nothing else, for all of the stages' architectures, as an archive of an OCI layout.
func (r *release) image(stages []stage) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, s := range stages {
		img, err := r.imageOf(s)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: s.target.os, Architecture: s.target.arch}}})
	}
	// The names by which podman and skopeo, and containerd, know it.
	named := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), mutate.IndexAddendum{
		Add: index, Descriptor: v1.Descriptor{Annotations: map[string]string{"org.opencontainers.image.ref.name": r.version, "io.containerd.image.name": registry + ":" + r.version}},
	})
	dir := filepath.Join(r.work, "image")
	if _, err := layout.Write(dir, named); err != nil {
		return err
	}
	return r.publish(project+"_"+r.version+".oci.tar", func(w io.Writer) error { return tarred(w, dir, "", r.time) })
}

// imageOf returns the image for one architecture: the program, and the licences that go with it.
func (r *release) imageOf(s stage) (v1.Image, error) {
	files := s.dir + ".rootfs"
	for from, to := range map[string]string{"netsift": "usr/bin/netsift", "LICENSE": "usr/share/doc/netsift/LICENSE", licences: "usr/share/doc/netsift/" + licences} {
		to = filepath.Join(files, to)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return nil, err
		}
		if err := os.Link(filepath.Join(s.dir, from), to); err != nil {
			return nil, err
		}
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		in, out := io.Pipe()
		go func() { out.CloseWithError(tarred(out, files, "", r.time)) }()
		return in, nil
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	at := v1.Time{Time: r.time}
	img, err = mutate.ConfigFile(img, &v1.ConfigFile{
		OS: s.target.os, Architecture: s.target.arch, Created: at, RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{
			Entrypoint: []string{"/usr/bin/netsift"},
			Env:        []string{"PATH=/usr/bin"},
			User:       "65532:65532", // nobody's: it only reads what it is given
			WorkingDir: "/captures",
			Labels: map[string]string{
				"org.opencontainers.image.title": project, "org.opencontainers.image.description": project + " " + summary, "org.opencontainers.image.version": r.version,
				"org.opencontainers.image.source": home, "org.opencontainers.image.licenses": "Apache-2.0",
			},
		},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Append(img, mutate.Addendum{Layer: layer, History: v1.History{Created: at, CreatedBy: project + " " + r.version}})
}
