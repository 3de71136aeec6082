package snapshot

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/netsift/netsift/analyze/snapshot/dump"
	"github.com/netsift/netsift/decode/capture"
)

// File is a file that may hold a part of a snapshot. Its content says what it is.
type File struct {
	// Name is shown where the file is spoken of.
	Name string
	Open func() (io.ReadCloser, error)
}

const (
	// maxObjects bounds the objects of a snapshot: a cluster is tested up to 150,000 pods
	// (https://kubernetes.io/docs/setup/best-practices/cluster-large/). maxObject is in bytes, which etcd limits to 1.5 MiB and an indented
	// form may blow up. maxWarnings bounds what is said of broken files.
	maxObjects, maxObject, maxWarnings = 1 << 20, 16 << 20, 100
	// maxSize bounds what a file unpacks to.
	maxSize = 4 << 30
)

// Read reads files. What is broken or foreign is said in the snapshot's warnings, and the rest is used.
func Read(files []File) *Snapshot {
	r := &reader{snapshot: &Snapshot{}, room: dump.Most}
	for _, f := range files {
		r.read(f)
	}
	r.snapshot.findMakers()
	r.snapshot.placeDumps()
	if r.unsaid > 0 {
		r.snapshot.Warnings = append(r.snapshot.Warnings, fmt.Sprintf("%d more of the kind", r.unsaid))
	}
	return r.snapshot
}

// reader reads files into a snapshot.
type reader struct {
	snapshot *Snapshot
	file     string
	// nested says that what is read lies in an archive.
	nested bool
	// room is for how many more entries of dumps there is.
	room int
	// objects counts those that were read, of any kind; unsaid counts warnings that are one too many.
	objects, unsaid int
}

// warn says what is wrong with the file that is being read.
func (r *reader) warn(err error) {
	if len(r.snapshot.Warnings) == maxWarnings {
		r.unsaid++
		return
	}
	r.snapshot.Warnings = append(r.snapshot.Warnings, r.file+": "+err.Error())
}

func (r *reader) read(f File) {
	r.file = f.Name
	in, err := f.Open()
	if err != nil {
		r.warn(err)
		return
	}
	defer in.Close()
	plain, stop, err := capture.Unpack(in)
	if err != nil {
		r.warn(err)
		return
	}
	defer stop()
	r.content(io.LimitReader(plain, maxSize))
}

// errForeign says that a file is nothing that a snapshot is made of.
var errForeign = errors.New("neither Kubernetes objects in JSON or YAML (kubectl get -o json) nor a dump of a node")

// content reads what a file unpacked to.
func (r *reader) content(in io.Reader) {
	b := bufio.NewReaderSize(in, 1<<16)
	head, _ := b.Peek(1024)
	switch text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"); {
	case len(head) == 0:
		r.warn(errors.New("empty"))
	case capture.Is(head): // the captures lie beside the snapshot
	case IsArchive(head) && r.nested: // an archive may hold itself
		r.warn(errors.New("an archive in an archive left out"))
	case IsArchive(head):
		r.archive(tar.NewReader(b))
	case len(text) > 0 && text[0] == '{':
		r.json(b)
	case isYAML(head):
		r.yaml(b)
	default:
		r.dump(b, dump.KindOf(text))
	}
}

// IsArchive reports whether a file that begins with head is a tar archive, by its magic (POSIX.1-1988, and GNU's variant of it).
func IsArchive(head []byte) bool { return len(head) >= 262 && string(head[257:262]) == "ustar" }

// archive reads the files of an archive.
func (r *reader) archive(t *tar.Reader) {
	outer := r.file
	r.nested = true
	defer func() { r.nested = false }()
	for {
		h, err := t.Next()
		r.file = outer
		if err == io.EOF {
			return
		}
		if err != nil {
			r.warn(fmt.Errorf("the archive is damaged (%w)", err))
			return
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		r.file = path.Base(h.Name)
		plain, stop, err := capture.Unpack(t)
		if err != nil {
			r.warn(err)
			continue
		}
		r.content(io.LimitReader(plain, maxSize))
		stop()
	}
}

// options are those of encoding/json of old, where a double key or a broken character is no reason to read nothing.
var options = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// allowance is a reader that ends with an error where one object needs more than maxObject bytes.
type allowance struct {
	io.Reader
	left int
}

// errHuge says that an object is larger than any is.
var errHuge = fmt.Errorf("an object of more than %d bytes", maxObject)

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errHuge
	}
	n, err := a.Reader.Read(p)
	a.left -= n
	return n, err
}

// decoder reads objects from JSON.
type decoder struct {
	*jsontext.Decoder
	in *allowance
}

func newDecoder(in io.Reader) *decoder {
	a := &allowance{in, maxObject}
	return &decoder{jsontext.NewDecoder(a, options), a}
}

// next returns the next value, however deep it is.
func (d *decoder) next() (jsontext.Value, error) {
	d.in.left = maxObject
	return d.ReadValue()
}

// json reads objects and lists of them, one behind the other.
func (r *reader) json(in io.Reader) {
	d := newDecoder(in)
	before := r.objects
	for {
		err := r.value(d)
		if err == io.EOF {
			break
		}
		if err != nil {
			r.warn(fmt.Errorf("not read to its end: %w", broken(err)))
			return
		}
	}
	if r.objects == before {
		r.warn(errForeign)
	}
}

// broken words what a decoder says.
func broken(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends early")
	case errors.As(err, &syntax):
		return fmt.Errorf("%w at byte %d", syntax.Err, syntax.ByteOffset)
	}
	return err
}

// errFull says that there are too many objects.
var errFull = fmt.Errorf("more than %d objects", maxObjects)

// value reads an object, or a list of them, item by item.
func (r *reader) value(d *decoder) error {
	if d.PeekKind() != '{' {
		if _, err := d.ReadToken(); err != nil {
			return err
		}
		return errors.New("a value that is no object")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	var o object
	var wrong error
	var unnamed []object // items whose kind only the list says
	for d.PeekKind() != '}' {
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := token.String()
		if key == "items" && d.PeekKind() == '[' {
			if err := r.items(d, &unnamed); err != nil {
				return err
			}
			continue
		}
		v, err := d.next()
		if err != nil {
			return err
		}
		if to := o.field(key); to != nil {
			if err := json.Unmarshal(v, to, options); err != nil {
				wrong = err
			}
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if kind, list := strings.CutSuffix(o.Kind, "List"); list {
		for i := range unnamed {
			unnamed[i].Kind, unnamed[i].APIVersion = kind, o.APIVersion
			r.take(&unnamed[i], nil)
		}
		r.objects++ // an empty list, too, is one of Kubernetes'
		return nil
	}
	if o.Kind != "" && o.APIVersion != "" {
		r.take(&o, wrong)
	}
	return nil
}

// field returns where the value of a key goes, nil where nobody wants it.
func (o *object) field(key string) any {
	switch key {
	case "apiVersion":
		return &o.APIVersion
	case "kind":
		return &o.Kind
	case "metadata":
		return &o.Metadata
	case "spec":
		return &o.Spec
	case "status":
		return &o.Status
	case "data":
		return &o.Data
	case "endpoints":
		return &o.Endpoints
	case "ports":
		return &o.Ports
	}
	return nil
}

func (r *reader) items(d *decoder, unnamed *[]object) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		v, err := d.next()
		if err != nil {
			return err
		}
		if r.objects+len(*unnamed) >= maxObjects {
			return errFull
		}
		var o object
		wrong := json.Unmarshal(v, &o, options)
		if o.Kind == "" && wrong == nil {
			*unnamed = append(*unnamed, o)
			continue
		}
		r.take(&o, wrong)
	}
	_, err := d.ReadToken()
	return err
}

// take keeps an object, unless something is wrong with it.
func (r *reader) take(o *object, wrong error) {
	r.objects++
	if !o.known() {
		return
	}
	if wrong == nil {
		wrong = r.keep(o)
	}
	if wrong != nil {
		r.warn(fmt.Errorf("%s %s left out: %w", o.Kind, name(&o.Metadata), mistyped(wrong)))
	}
}

func name(m *metadata) string {
	if m.Namespace == "" {
		return m.Name
	}
	return m.Namespace + "/" + m.Name
}

// mistyped words what is wrong with a value, without the names of our types.
func mistyped(err error) error {
	var wrong *json.SemanticError
	if !errors.As(err, &wrong) {
		return err
	}
	return fmt.Errorf("%s is not what it should be", strings.ReplaceAll(strings.TrimPrefix(string(wrong.JSONPointer), "/"), "/", "."))
}
