package report

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// Names returns the names of captures, clean, and as short as they can be told apart.
func Names(captures []fact.Capture) []string {
	names := shortFiles(captures)
	for i, name := range names {
		if name == "-" {
			name = "stdin"
		}
		names[i] = Clean(name)
	}
	return names
}

func shortFiles(captures []fact.Capture) []string {
	files := make([]string, len(captures))
	for i := range captures {
		files[i] = captures[i].File
	}
	return ShortPaths(files)
}

// ShortPaths returns paths with as few of their last elements as tell them apart. Where they lie on the machine of whoever ran the
// program is nobody else's business.
func ShortPaths(paths []string) []string {
	names := make([]string, len(paths))
	rest := make([]string, len(paths)) // what is left of a path before its name
	same := map[string][]int{}
	for i, p := range paths {
		if p != "" {
			p = path.Clean(filepath.ToSlash(p))
		}
		if rest[i], names[i] = path.Split(p); names[i] == "" {
			names[i] = p // the root
		}
		same[names[i]] = append(same[names[i]], i)
	}
	for len(same) > 0 {
		longer := map[string][]int{}
		for _, list := range same {
			if !differ(list, paths) {
				continue
			}
			for _, i := range list {
				if rest[i] = strings.Trim(rest[i], "/"); rest[i] == "" {
					continue
				}
				dir, last := path.Split(rest[i])
				rest[i], names[i] = dir, last+"/"+names[i]
				longer[names[i]] = append(longer[names[i]], i)
			}
		}
		same = longer
	}
	return names
}

// differ reports whether these of the paths are not all the same one.
func differ(list []int, paths []string) bool {
	for _, i := range list[1:] {
		if paths[i] != paths[list[0]] {
			return true
		}
	}
	return false
}

// WithoutDirectories returns r with short names of files, for those who get it from someone else.
func WithoutDirectories(r *Report) *Report {
	out, facts := *r, *r.Facts
	facts.Captures = append([]fact.Capture(nil), facts.Captures...)
	short := map[string]string{}
	for i, name := range shortFiles(facts.Captures) {
		c := &facts.Captures[i]
		short[c.File] = name
		if c.File != "" {
			c.Error = strings.ReplaceAll(c.Error, c.File, name)
		}
		c.File = name
	}
	for i := range facts.Captures {
		c := &facts.Captures[i]
		if name, ok := short[c.CopyOf]; ok {
			c.CopyOf = name
		}
	}
	if out.Config != "" {
		out.Config = ShortPaths([]string{out.Config})[0]
	}
	out.Facts = &facts
	return &out
}
