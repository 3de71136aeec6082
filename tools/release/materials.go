package main

import (
	"encoding/base64"
	"encoding/hex"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// materials writes what is in the programs for a target: a bill of materials as CycloneDX has it, from what the go command wrote into the programs.
func (r *release) materials(w io.Writer, s stage) error {
	bom := cdx.NewBOM()
	self := component(cdx.ComponentTypeApplication, module, "v"+r.version)
	self.Name, self.Licenses = project, licensed([]string{"Apache-2.0"})
	bom.Metadata = &cdx.Metadata{Timestamp: r.time.Format(time.RFC3339), Component: &self}
	var components []cdx.Component
	var edges []cdx.Dependency
	var refs []string // of the programs
	for _, p := range programs {
		sum, err := sha256File(filepath.Join(s.dir, s.target.exe(p)))
		if err != nil {
			return err
		}
		c := component(cdx.ComponentTypeApplication, module, "v"+r.version)
		c.BOMRef, c.Name, c.PackageURL = c.BOMRef+"#cmd/"+p, s.target.exe(p), c.PackageURL+"#cmd/"+p
		c.Hashes, c.Licenses = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: sum}}, self.Licenses
		components = append(components, c)
		refs = append(refs, c.BOMRef)
		var needs []string
		for _, d := range s.modules[p] {
			x := d.component()
			needs = append(needs, x.BOMRef)
			if !slices.ContainsFunc(components, func(c cdx.Component) bool { return c.BOMRef == x.BOMRef }) {
				components = append(components, x)
				edges = append(edges, cdx.Dependency{Ref: x.BOMRef})
			}
		}
		edges = append(edges, cdx.Dependency{Ref: c.BOMRef, Dependencies: &needs})
	}
	edges = append(edges, cdx.Dependency{Ref: self.BOMRef, Dependencies: &refs})
	bom.Components, bom.Dependencies = &components, &edges
	return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6) // newer ones are not read everywhere
}

// component returns a part that is a Go module; its address (purl) is its identity, too.
func component(kind cdx.ComponentType, name, version string) cdx.Component {
	url := "pkg:golang/" + name + "@" + strings.ReplaceAll(version, "+", "%2B")
	return cdx.Component{BOMRef: url, Type: kind, Name: name, Version: version, PackageURL: url}
}

// component returns what a list of materials says of a dependency.
func (d dependency) component() cdx.Component {
	c := component(cdx.ComponentTypeLibrary, d.name, d.version)
	if !strings.Contains(d.name, ".") && d.name != standard { // not a module
		c.BOMRef = d.name
		c.PackageURL = "pkg:npm/" + d.name + "@" + d.version
	}
	// The checksum of go.sum is one of the names and checksums of all files.
	if sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(d.sum, "h1:")); err == nil && len(sum) > 0 {
		c.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum)}}
	}
	c.Licenses = licensed(spdx(d.texts))
	return c
}

// licensed says that all of these licences hold.
func licensed(ids []string) *cdx.Licenses {
	switch len(ids) {
	case 0:
		return nil
	case 1:
		return &cdx.Licenses{{License: &cdx.License{ID: ids[0]}}}
	}
	return &cdx.Licenses{{Expression: strings.Join(ids, " AND ")}}
}
