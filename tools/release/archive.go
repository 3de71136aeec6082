package main

import (
	"archive/tar"
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// archive writes what is staged as people of that system expect it, and returns the file's name.
func (r *release) archive(s stage) (string, error) {
	name, write := s.name()+".tar.gz", tarGz
	if s.target.os == "windows" {
		name, write = s.name()+".zip", zipped
	}
	return name, r.publish(name, func(w io.Writer) error { return write(w, s.dir, s.name(), r.time) })
}

// publish writes a file of the release.
func (r *release) publish(name string, write func(io.Writer) error) error {
	f, err := os.Create(filepath.Join(r.out, name))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	return f.Close()
}

// each calls f for everything below dir, in the order of names, folders before what is in them; r is nil for those. Only whether a file may be run is told of
// its mode: the umask is of whoever builds.
func each(dir string, f func(name string, mode fs.FileMode, size int64, r io.Reader) error) error {
	return filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || file == dir {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() {
			return f(name+"/", fs.ModeDir|0o755, 0, nil)
		}
		in, err := os.Open(file)
		if err != nil {
			return err
		}
		defer in.Close()
		info, err := in.Stat()
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		return f(name, mode, info.Size(), in)
	})
}

// tarred writes what is below dir to an archive, under the folder top if that is not empty.
func tarred(w io.Writer, dir, top string, at time.Time) error {
	t := tar.NewWriter(w)
	err := each(dir, func(name string, mode fs.FileMode, size int64, r io.Reader) error {
		h := &tar.Header{Name: under(top, name), Mode: int64(mode.Perm()), Size: size, ModTime: at, Format: tar.FormatUSTAR, Typeflag: tar.TypeReg}
		if r == nil {
			h.Typeflag = tar.TypeDir
		}
		if err := t.WriteHeader(h); err != nil || r == nil {
			return err
		}
		_, err := io.Copy(t, r)
		return err
	})
	if err != nil {
		return err
	}
	return t.Close()
}

// under returns a name in a folder; unlike path.Join it keeps the slash that ends a folder's.
func under(top, name string) string {
	if top == "" {
		return name
	}
	return top + "/" + name
}

// tarGz is tarred, compressed.
func tarGz(w io.Writer, dir, top string, at time.Time) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := tarred(z, dir, top, at); err != nil {
		return err
	}
	return z.Close()
}

// zipped writes what is below dir to a zip archive, under the folder top.
func zipped(w io.Writer, dir, top string, at time.Time) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	err := each(dir, func(name string, mode fs.FileMode, _ int64, r io.Reader) error {
		h := &zip.FileHeader{Name: under(top, name), Method: zip.Deflate, Modified: at}
		h.SetMode(mode)
		to, err := z.CreateHeader(h)
		if err != nil || r == nil {
			return err
		}
		_, err = io.Copy(to, r)
		return err
	})
	if err != nil {
		return err
	}
	return z.Close()
}
