package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3" // beamx has the local one and Google's
)

// inBucket reports whether a name is of an object in a bucket.
func inBucket(name string) bool { return strings.Contains(name, "://") }

// escape has a name mean what it says: Beam takes that of an object for a URL, where what comes after ? and # is no part of the path.
var escape = strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23")

// filesystemOf returns where a file is, and its name there.
func filesystemOf(ctx context.Context, name string) (filesystem.Interface, string, error) {
	fs, err := filesystem.New(ctx, name)
	if inBucket(name) {
		name = escape.Replace(name)
	}
	return fs, name, err
}

// list returns the files that a glob matches, and any other name as it is: whoever may read an object need not be allowed to list its bucket.
func list(ctx context.Context, glob string) ([]string, error) {
	first := strings.IndexAny(glob, "*?[")
	if first < 0 {
		return []string{glob}, nil
	}
	if inBucket(glob) && glob[first] != '*' {
		// Beam would list what begins with all that comes before the *.
		return nil, fmt.Errorf("%s: the first wildcard in the name of an object has to be *", glob)
	}
	fs, pattern, err := filesystemOf(ctx, glob)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	names, err := fs.List(ctx, pattern)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", glob, err)
	}
	return names, nil
}

// requestIDs are in errors of S3, others each time: what a report says of a file is the same in each run.
var requestIDs = regexp.MustCompile(`RequestID: [^,]*, HostID: [^,]*, `)

// open opens a file to read.
func open(ctx context.Context, name string) (io.ReadCloser, error) {
	fs, at, err := filesystemOf(ctx, name)
	if err != nil {
		return nil, err
	}
	f, err := fs.OpenRead(ctx, at)
	if err != nil {
		fs.Close()
		if said := err.Error(); requestIDs.MatchString(said) {
			err = errors.New(requestIDs.ReplaceAllString(said, ""))
		}
		return nil, err
	}
	return &opened{f, fs}, nil
}

// opened is an open file, with the connection to where it is.
type opened struct {
	io.ReadCloser
	fs filesystem.Interface
}

// Close implements io.Closer.
func (o *opened) Close() error { return errors.Join(o.ReadCloser.Close(), o.fs.Close()) }

// save writes a file, whole or not at all: an object is there when it is closed, and a local file gets its name then.
func save(ctx context.Context, name string, write func(io.Writer) error) error {
	fs, at, err := filesystemOf(ctx, name)
	if err != nil {
		return err
	}
	defer fs.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !inBucket(name) {
		at += "." + rand.Text()
	}
	f, err := fs.OpenWrite(ctx, at)
	if err == nil {
		if err = write(f); err != nil {
			cancel() // closing would make an object of what there is
		}
		err = errors.Join(err, f.Close())
		if !inBucket(name) {
			err = errors.Join(err, named(ctx, fs, at, name, err))
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// named gives a local file that is whole its name, and removes one that is not.
func named(ctx context.Context, fs filesystem.Interface, at, name string, fault error) error {
	if fault != nil {
		return fs.(filesystem.Remover).Remove(ctx, at)
	}
	return filesystem.Rename(ctx, fs, at, name)
}
