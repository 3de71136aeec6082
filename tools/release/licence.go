package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// dependency is a module, or another project's files, in a program.
type dependency struct {
	// name is the module's path, version what go.mod has, sum its checksum there; std is the standard library, which has none. Files of others
	// that this module embeds have the name of their folder.
	name, version, sum string
	// texts are its licences and notices, in the order of their files.
	texts []string
}

// standard is the name of the standard library.
const standard = "std"

// licenceFile matches the names of files that say what may be done with the others.
var licenceFile = regexp.MustCompile(`(?i)^(un)?(licen[cs]es?|copying|copyright|notice|patents)([-._].*)?$`)

// listed is what go list says of a package.
type listed struct {
	Dir        string
	Standard   bool
	EmbedFiles []string
	Module     *struct {
		Path string
		Main bool
		Dir  string
	}
}

// dependencies returns what is in a program, with all licences: those of each module, of the folders in it that packages are taken from, and of files that are
// embedded. One without any is an error: nobody may pass it on.
func dependencies(root, pkg string, info *buildinfo.BuildInfo, t target) ([]dependency, error) {
	c := exec.Command("go", "list", "-deps", "-json=Dir,Standard,EmbedFiles,Module", pkg)
	c.Dir, c.Env, c.Stderr = root, t.environ(), os.Stderr
	text, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	texts := licenceTexts{}
	own := map[string]string{} // folders of this module with the files of others
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		switch {
		case p.Standard: // has one licence
		case p.Module.Main:
			for _, f := range p.EmbedFiles {
				if dir := filepath.Dir(filepath.Join(p.Dir, f)); dir != p.Dir {
					own[filepath.Base(dir)] = dir
				}
			}
		default:
			if err := texts.upwards(p.Module.Path, p.Dir, p.Module.Dir); err != nil {
				return nil, err
			}
		}
	}
	goroot, err := output(root, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	if err := texts.upwards(standard, goroot, goroot); err != nil {
		return nil, err
	}
	list := []dependency{{name: standard, version: strings.TrimPrefix(info.GoVersion, "go")}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		list = append(list, dependency{name: m.Path, version: m.Version, sum: m.Sum})
	}
	for name, dir := range own {
		if err := texts.upwards(name, dir, dir); err != nil {
			return nil, err
		}
		if len(texts[name]) > 0 { // otherwise the files are this project's
			list = append(list, dependency{name: name, version: fetched(root, name)})
		}
	}
	slices.SortFunc(list, func(a, b dependency) int { return strings.Compare(a.name, b.name) })
	for i := range list {
		d := &list[i]
		if d.texts = texts.of(d.name); len(d.texts) == 0 {
			return nil, fmt.Errorf("%s has no licence", d.name)
		}
	}
	return list, nil
}

// fetched returns the version of what the script of this name in tools fetches.
func fetched(root, name string) string {
	script, _ := os.ReadFile(filepath.Join(root, "tools", name)) // without one there is no version
	if m := regexp.MustCompile(`(?m)^version=(\S+)$`).FindSubmatch(script); m != nil {
		return string(m[1])
	}
	return ""
}

// licenceTexts are the licences of each dependency, by file.
type licenceTexts map[string]map[string]string

// upwards adds the licences in a folder and in those above it, up to top.
func (l licenceTexts) upwards(name, dir, top string) error {
	for ; ; dir = filepath.Dir(dir) {
		files, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, f := range files {
			path := filepath.Join(dir, f.Name())
			if l[name][path] != "" || !f.Type().IsRegular() || !licenceFile.MatchString(f.Name()) || filepath.Ext(f.Name()) == ".go" {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if l[name] == nil {
				l[name] = map[string]string{}
			}
			l[name][path] = strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n"))
		}
		if dir == top || len(dir) <= len(top) {
			return nil
		}
	}
}

// of returns the licences of a dependency, in the order of their files.
func (l licenceTexts) of(name string) (list []string) {
	var files []string
	for f := range l[name] {
		files = append(files, f)
	}
	slices.Sort(files)
	for _, f := range files {
		list = append(list, l[name][f])
	}
	return list
}

// licenceText returns the licences of all that is in any of the programs, each text once.
func licenceText(programs map[string][]dependency) []byte {
	holders := map[string][]string{} // of a text
	var all []dependency
	for _, list := range programs {
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b dependency) int { return strings.Compare(a.name, b.name) })
	var order []string
	for _, d := range all {
		for _, text := range d.texts {
			if holders[text] == nil {
				order = append(order, text)
			}
			if !slices.Contains(holders[text], d.name) {
				holders[text] = append(holders[text], d.name)
			}
		}
	}
	var b bytes.Buffer
	b.WriteString("The programs in this archive contain these works of others. std is the standard library of Go.\n")
	for _, text := range order {
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(holders[text], "\n"), text)
	}
	return b.Bytes()
}

// spdx returns the identifiers of the licences in texts, as SPDX has them, as far as they are known.
func spdx(texts []string) (ids []string) {
	for _, text := range texts {
		for _, m := range licensecheck.Scan([]byte(text)).Match {
			// SPDX has no name for Google's grant of patents, which is beside licences and takes nothing from them.
			if !m.IsURL && !strings.HasPrefix(m.ID, "GooglePatent") && !slices.Contains(ids, m.ID) {
				ids = append(ids, m.ID)
			}
		}
	}
	slices.Sort(ids)
	return ids
}
