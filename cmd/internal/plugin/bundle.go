package plugin

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// bundle is the folder that captures and snapshot are saved to; netsift analyze reads it. nil saves nothing.
type bundle struct{ folder string }

// newBundle makes the folder. One that has something in it is refused: captures of two times do not belong together.
func newBundle(folder string) (*bundle, error) {
	if folder == "" {
		return nil, nil
	}
	if entries, err := os.ReadDir(folder); err == nil && len(entries) > 0 {
		return nil, usagef("--save %s: there is something in that folder; name a new one", folder)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, usagef("--save: %v", err)
	}
	return &bundle{folder}, nil
}

// create makes a file in the bundle, nil without one. What is captured is for the user's eyes only.
func (b *bundle) create(name string) (io.WriteCloser, error) {
	if b == nil {
		return nil, nil
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) { // it begins with what a node is called
		return nil, fmt.Errorf("%q leads out of the folder", name)
	}
	at := filepath.Join(b.folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// write writes a whole file.
func (b *bundle) write(name string, content []byte) error {
	f, err := b.create(name)
	if f == nil || err != nil {
		return err
	}
	_, err = f.Write(content)
	if err2 := f.Close(); err == nil {
		err = err2
	}
	if err != nil {
		return fmt.Errorf("--save: %w", err)
	}
	return nil
}
