package main

import (
	"bytes"
	_ "embed"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

//go:embed krew.yaml.tmpl
var krewManifest string

// krew writes the manifest by which krew, kubectl's plugin manager, installs kubectl netsift from archives, which have the names in out.
func (r *release) krew(archives map[target]string) error {
	type platform struct{ OS, Arch, Archive, SHA256, Exe string }
	var list []platform
	for t, name := range archives {
		sum, err := sha256File(filepath.Join(r.out, name))
		if err != nil {
			return err
		}
		list = append(list, platform{t.os, t.arch, name, sum, t.exe("kubectl-netsift")})
	}
	slices.SortFunc(list, func(a, b platform) int { return strings.Compare(a.Archive, b.Archive) })
	var b bytes.Buffer
	err := template.Must(template.New("krew").Parse(krewManifest)).Execute(&b, map[string]any{"Version": r.version, "Home": home, "Platforms": list})
	if err != nil {
		return err
	}
	return r.publish(project+".yaml", func(w io.Writer) error { _, err := b.WriteTo(w); return err })
}
