package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"go.yaml.in/yaml/v3"
)

var commitTime = time.Date(2026, 11, 28, 3, 46, 13, 0, time.UTC)

// staged lays out a release as if it were built. Every call does so in another folder, at another time, in another order and under another umask.
func staged(t *testing.T, run int) (*release, []stage) {
	t.Helper()
	r := &release{work: t.TempDir(), out: t.TempDir(), version: "1.2.3", time: commitTime}
	var stages []stage
	for _, to := range targets {
		s := stage{to, filepath.Join(r.work, "netsift_1.2.3_"+to.os+"_"+to.arch), map[string][]dependency{
			"netsift": {
				{"example.org/both", "v1.0.0", "h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", []string{"both's licence"}}, {"uplot", "1.6.32", "", []string{"uplot's licence"}},
			},
			"kubectl-netsift": {
				{"example.org/both", "v1.0.0", "h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", []string{"both's licence"}}, {"example.org/one", "v0.0.1", "", []string{"both's licence", "one's notice"}},
			},
		}}
		list := []document{
			{to.exe("netsift"), []byte("program for " + to.String()), 0o755},
			{to.exe("kubectl-netsift"), []byte("plugin for " + to.String()), 0o755},
			{"LICENSE", []byte("the licence"), 0o644},
			{"README.md", []byte("# netsift"), 0o644},
			{"CHANGELOG.md", []byte("# Changelog"), 0o644},
			{manPage, []byte(".TH NETSIFT 1"), 0o644},
			{bash, []byte("complete"), 0o644},
			{zsh, []byte("#compdef"), 0o644},
			{fish, []byte("complete -c"), 0o644},
			{completer, []byte("#!/bin/sh"), 0o755},
			{licences, licenceText(s.modules), 0o644},
		}
		if run%2 == 1 {
			slices.Reverse(list)
		}
		for _, d := range list {
			d.mode |= fs.FileMode(run%2) * 0o022
			if err := s.write(d); err != nil {
				t.Fatal(err)
			}
			at := commitTime.Add(time.Duration(run) * time.Hour)
			if err := os.Chtimes(filepath.Join(s.dir, d.name), at, at); err != nil {
				t.Fatal(err)
			}
		}
		stages = append(stages, s)
	}
	return r, stages
}

// published makes all files of a release from stages and returns them.
func published(t *testing.T, r *release, stages []stage) map[string][]byte {
	t.Helper()
	archives := map[target]string{}
	var linux []stage
	for _, s := range stages {
		name, err := r.archive(s)
		if err != nil {
			t.Fatal(err)
		}
		archives[s.target] = name
		if err := r.publish(s.name()+".cdx.json", func(w io.Writer) error { return r.materials(w, s) }); err != nil {
			t.Fatal(err)
		}
		if s.target.os == "linux" {
			linux = append(linux, s)
			if err := r.packages(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, make := range []func() error{func() error { return r.image(linux) }, func() error { return r.krew(archives) }, r.checksums} {
		if err := make(); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string][]byte{}
	list, err := os.ReadDir(r.out)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if files[f.Name()], err = os.ReadFile(filepath.Join(r.out, f.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestTwice holds that a release is the same bytes whenever and wherever it is made.
func TestTwice(t *testing.T) {
	r, stages := staged(t, 0)
	want := published(t, r, stages)
	r, stages = staged(t, 1)
	got := published(t, r, stages)
	if a, b := slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)); !slices.Equal(a, b) {
		t.Fatalf("the first time there are %v, the second time %v", a, b)
	}
	for name, text := range want {
		if !bytes.Equal(got[name], text) {
			t.Errorf("%s differs", name)
		}
	}
	// What is told of the time is that of the commit: of another commit every file is another one, but for what holds no time.
	r, stages = staged(t, 0)
	r.time = r.time.Add(time.Minute)
	for name, text := range published(t, r, stages) {
		if bytes.Equal(want[name], text) {
			t.Errorf("%s does not tell the time of the commit", name)
		}
	}
}

// TestPublished looks into what is published as its users do.
func TestPublished(t *testing.T) {
	r, stages := staged(t, 0)
	files := published(t, r, stages)
	var names []string
	for _, to := range targets {
		name := "netsift_1.2.3_" + to.os + "_" + to.arch
		names = append(names, name+".cdx.json")
		switch to.os {
		case "windows":
			names = append(names, name+".zip")
		case "linux":
			names = append(names, name+".tar.gz", name+".deb", name+".rpm")
		default:
			names = append(names, name+".tar.gz")
		}
	}
	names = append(names, "netsift_1.2.3.oci.tar", "netsift.yaml", sums)
	slices.Sort(names)
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, names) {
		t.Fatalf("there are %v, want %v", got, names)
	}

	t.Run("tar.gz", func(t *testing.T) {
		z, err := gzip.NewReader(bytes.NewReader(files["netsift_1.2.3_linux_arm64.tar.gz"]))
		if err != nil {
			t.Fatal(err)
		}
		got := untar(t, z)
		if got["netsift_1.2.3_linux_arm64/netsift"] != "-rwxr-xr-x program for linux/arm64" || got["netsift_1.2.3_linux_arm64/man/netsift.1"] != "-rw-r--r-- .TH NETSIFT 1" {
			t.Errorf("it has %v", got)
		}
	})
	t.Run("zip", func(t *testing.T) {
		text := files["netsift_1.2.3_windows_amd64.zip"]
		z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		f, err := z.Open("netsift_1.2.3_windows_amd64/kubectl-netsift.exe")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(f); err != nil || string(got) != "plugin for windows/amd64" {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("image", func(t *testing.T) {
		dir := t.TempDir()
		for name, content := range untar(t, bytes.NewReader(files["netsift_1.2.3.oci.tar"])) {
			if strings.HasSuffix(name, "/") {
				continue
			}
			to := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				t.Fatal(err)
			}
			_, content, _ = strings.Cut(content, " ")
			if err := os.WriteFile(to, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		index, err := layout.ImageIndexFromPath(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate.Index(index); err != nil {
			t.Error(err)
		}
		named, err := index.IndexManifest()
		if err != nil || len(named.Manifests) != 1 || named.Manifests[0].Annotations["io.containerd.image.name"] != registry+":1.2.3" {
			t.Fatalf("%v, %v", named, err)
		}
		images, err := index.ImageIndex(named.Manifests[0].Digest)
		if err != nil {
			t.Fatal(err)
		}
		list, err := images.IndexManifest()
		if err != nil {
			t.Fatal(err)
		}
		var arches []string
		for _, m := range list.Manifests {
			arches = append(arches, m.Platform.String())
			img, err := images.Image(m.Digest)
			if err != nil {
				t.Fatal(err)
			}
			layers, err := img.Layers()
			if err != nil || len(layers) != 1 {
				t.Fatalf("%d layers, %v", len(layers), err)
			}
			in, err := layers[0].Uncompressed()
			if err != nil {
				t.Fatal(err)
			}
			if got := untar(t, in)["usr/bin/netsift"]; got != "-rwxr-xr-x program for "+m.Platform.String() {
				t.Errorf("%s has %q", m.Platform, got)
			}
		}
		if !slices.Equal(arches, []string{"linux/amd64", "linux/arm64"}) {
			t.Errorf("it is for %v", arches)
		}
	})
	t.Run("krew", func(t *testing.T) {
		var plugin struct {
			Spec struct {
				Version   string
				Platforms []struct{ URI, SHA256, Bin string }
			}
		}
		if err := yaml.Unmarshal(files["netsift.yaml"], &plugin); err != nil {
			t.Fatal(err)
		}
		if len(plugin.Spec.Platforms) != len(targets) || plugin.Spec.Version != "v1.2.3" {
			t.Fatalf("%+v", plugin)
		}
		for _, p := range plugin.Spec.Platforms {
			name := filepath.Base(p.URI)
			sum, err := sha256File(filepath.Join(r.out, name))
			if err != nil || sum != p.SHA256 || (p.Bin == "kubectl-netsift.exe") != strings.Contains(name, "windows") {
				t.Errorf("%+v: %s, %v", p, sum, err)
			}
		}
	})
	t.Run("materials", func(t *testing.T) {
		var bom cdx.BOM
		if err := cdx.NewBOMDecoder(bytes.NewReader(files["netsift_1.2.3_linux_amd64.cdx.json"]), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
			t.Fatal(err)
		}
		known := map[string]bool{bom.Metadata.Component.BOMRef: true}
		for _, c := range *bom.Components {
			if known[c.BOMRef] {
				t.Errorf("%s is there twice", c.BOMRef)
			}
			known[c.BOMRef] = true
		}
		needs := map[string][]string{}
		for _, d := range *bom.Dependencies {
			for _, ref := range append([]string{d.Ref}, orNone(d.Dependencies)...) {
				if !known[ref] {
					t.Errorf("%s is no component", ref)
				}
			}
			needs[d.Ref] = orNone(d.Dependencies)
		}
		if got := needs["pkg:golang/github.com/netsift/netsift@v1.2.3#cmd/netsift"]; !slices.Equal(got, []string{"pkg:golang/example.org/both@v1.0.0", "uplot"}) {
			t.Errorf("netsift needs %v", got)
		}
	})
	t.Run("checksums", func(t *testing.T) {
		if n := strings.Count(string(files[sums]), "\n"); n != len(files)-1 {
			t.Errorf("%d checksums of %d files", n, len(files)-1)
		}
		for line := range strings.Lines(string(files[sums])) {
			sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
			if got, err := sha256File(filepath.Join(r.out, name)); err != nil || got != sum {
				t.Errorf("%s: %s, %v, want %s", name, got, err, sum)
			}
		}
	})
}

func orNone(list *[]string) []string {
	if list == nil {
		return nil
	}
	return *list
}

// untar returns mode and content of each file of an archive, by name.
func untar(t *testing.T, r io.Reader) map[string]string {
	t.Helper()
	files := map[string]string{}
	for in := tar.NewReader(r); ; {
		h, err := in.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		files[h.Name] = h.FileInfo().Mode().String() + " " + string(text)
	}
}

// TestBuild holds that two clones of one commit, in two folders, build the same program, and that it knows its commit.
func TestBuild(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git to clone with")
	}
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		c := exec.Command("git", args...)
		c.Dir = dir
		c.Env = append(os.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
		if text, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v, %s", c, err, text)
		}
	}
	for name, text := range map[string]string{"go.mod": "module m\n\ngo 1.26\n", "m.go": "package main\n\nvar v string\n\nfunc main() { panic(v) }\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "it")
	var sum []string
	for _, name := range []string{"one", "another"} {
		clone, to := filepath.Join(t.TempDir(), name), filepath.Join(t.TempDir(), "m")
		git("clone", "-q", dir, clone)
		if err := build(clone, ".", to, "-s -w -X main.v=1", target{"linux", "arm64"}); err != nil {
			t.Fatal(err)
		}
		s, err := sha256File(to)
		if err != nil {
			t.Fatal(err)
		}
		sum = append(sum, s)
		if text, err := output(dir, "go", "version", "-m", to); err != nil || !strings.Contains(text, "vcs.revision=") {
			t.Errorf("it does not know its commit: %s, %v", text, err)
		}
	}
	if sum[0] != sum[1] {
		t.Error("two clones build two programs")
	}
}

func TestNamed(t *testing.T) {
	const changes = "# Changelog\n\n## [1.1.0] - 2026-12-01\n\n## [1.0.0] - 2026-11-28\n"
	for _, c := range []struct{ version, changes, want, err string }{
		{"", changes, "1.1.0-dev", ""},
		{"1.0.0", changes, "1.0.0", ""},
		{"1.0.0-12-g4c31709", changes, "1.0.0-12-g4c31709", ""},
		{"2.0.0", changes, "", "says nothing about version 2.0.0"},
		{"", "# Changelog\n", "", "names no version"},
	} {
		got, err := named(c.version, c.changes)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: %q, %v, want %q, %s", c.version, got, err, c.want, c.err)
		}
	}
}

func TestLicences(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"LICENSE": "of the module\r\n", "license.go": "package x", "NOTICE.md": "notice", "a/COPYING": "of a", "b/LICENSE": "of b",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	texts := licenceTexts{}
	if err := texts.upwards("m", filepath.Join(dir, "a"), dir); err != nil {
		t.Fatal(err)
	}
	if got, want := texts.of("m"), []string{"of the module", "notice", "of a"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	got := string(licenceText(map[string][]dependency{
		"x": {{name: "one", texts: []string{"free"}}, {name: "two", texts: []string{"free", "as well"}}}, "y": {{name: "one", texts: []string{"free"}}},
	}))
	rule := strings.Repeat("=", 80)
	if _, got, _ = strings.Cut(got, "\n"); got != "\n"+rule+"\none\ntwo\n\nfree\n\n"+rule+"\ntwo\n\nas well\n" {
		t.Errorf("%q", got)
	}
	mit, err := os.ReadFile("../../cmd/internal/report/html/uplot/LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	apache, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	if ids := spdx([]string{string(mit), string(apache), "nothing known"}); !slices.Equal(ids, []string{"Apache-2.0", "MIT"}) {
		t.Errorf("%v", ids)
	}
}
