package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze/cluster"
)

// linksFlag names the interfaces of captures that have only their indexes.
func linksFlag() cli.Flag {
	return &cli.StringSliceFlag{
		Name: "links", Category: categoryInput,
		Usage: "what ip -d link printed on a node, for its interfaces' names: `NODE=FILE`; may be repeated",
	}
}

// links reads the files of --links.
func links(e *Env, c *cli.Context) (map[string][]cluster.Link, error) {
	list := map[string][]cluster.Link{}
	for _, v := range c.StringSlice("links") {
		node, name, ok := strings.Cut(v, "=")
		if !ok || node == "" || name == "" {
			return nil, usagef("--links %q: write it as --links NODE=FILE", v)
		}
		if _, ok := list[node]; ok {
			return nil, usagef("--links: %s is given twice", node)
		}
		f, err := open(e, name)
		if err != nil {
			return nil, usagef("--links %s: %v", name, err)
		}
		list[node], err = cluster.ParseLinks(f)
		f.Close()
		if err != nil {
			return nil, usagef("--links %s: %v", name, err)
		}
	}
	return list, nil
}
