package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// sums is the file of checksums, for sha256sum -c.
const sums = "SHA256SUMS"

// checksums writes those of all files in out, in the order of names.
func (r *release) checksums() error {
	files, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	return r.publish(sums, func(w io.Writer) error {
		for _, f := range files {
			sum, err := sha256File(filepath.Join(r.out, f.Name()))
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "%s  %s\n", sum, f.Name()); err != nil {
				return err
			}
		}
		return nil
	})
}

// sha256File returns the checksum of a file, in hexadecimal digits.
func sha256File(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
