package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers itself, as rpm does
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm"
)

// packages writes what is staged for Linux as a Debian and as an RPM package.
func (r *release) packages(s stage) error {
	page := filepath.Join(r.work, s.name()+".1.gz")
	text, err := os.ReadFile(filepath.Join(s.dir, manPage))
	if err != nil {
		return err
	}
	if err := os.WriteFile(page, gzipped(text), 0o644); err != nil {
		return err
	}
	for form, zshDir := range map[string]string{"deb": "/usr/share/zsh/vendor-completions/", "rpm": "/usr/share/zsh/site-functions/"} {
		contents := installed(r.time, map[string]string{
			filepath.Join(s.dir, "netsift"):         "/usr/bin/netsift",
			filepath.Join(s.dir, "kubectl-netsift"): "/usr/bin/kubectl-netsift",
			filepath.Join(s.dir, completer):         "/usr/bin/kubectl_complete-netsift",
			page:                                    "/usr/share/man/man1/netsift.1.gz",
			filepath.Join(s.dir, bash):              "/usr/share/bash-completion/completions/netsift",
			filepath.Join(s.dir, zsh):               zshDir + "_netsift",
			filepath.Join(s.dir, fish):              "/usr/share/fish/vendor_completions.d/netsift.fish",
			filepath.Join(s.dir, "README.md"):       "/usr/share/doc/netsift/README.md",
			filepath.Join(s.dir, "CHANGELOG.md"):    "/usr/share/doc/netsift/CHANGELOG.md",
			filepath.Join(s.dir, "LICENSE"):         "/usr/share/doc/netsift/copyright",
			filepath.Join(s.dir, licences):          "/usr/share/doc/netsift/" + licences,
		})
		info := nfpm.WithDefaults(&nfpm.Info{
			Name: project, Arch: s.target.arch, Platform: "linux", Version: r.version, Section: "net", Priority: "optional",
			Maintainer: "The netsift authors <" + home + ">", Description: strings.ToUpper(summary[:1]) + summary[1:] + ".", Homepage: home, License: "Apache-2.0", MTime: r.time,
			Overridables: nfpm.Overridables{
				Contents: contents, Umask: 0o022,
				// The host's name would be in the package, and no other host could make it.
				RPM: nfpm.RPM{BuildHost: "localhost"},
			},
		})
		if err := nfpm.PrepareForPackager(info, form); err != nil {
			return err
		}
		packager, err := nfpm.Get(form)
		if err != nil {
			return err
		}
		if err := r.publish(s.name()+"."+form, func(w io.Writer) error { return packager.Package(info, w) }); err != nil {
			return err
		}
	}
	return nil
}

// installed returns where a package puts files.
func installed(at time.Time, places map[string]string) (list files.Contents) {
	for from, to := range places {
		mode := os.FileMode(0o644)
		if filepath.Dir(to) == "/usr/bin" {
			mode = 0o755
		}
		list = append(list, &files.Content{Source: from, Destination: to, FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", Mode: mode, MTime: at}})
	}
	return list // nfpm sorts them
}
