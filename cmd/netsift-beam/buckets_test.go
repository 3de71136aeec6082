package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// bucket is one of a server here that speaks the protocol of a cloud's storage.
type bucket struct {
	put func(object string, content []byte) error
	get func(object string) ([]byte, error)
}

// name is that of every bucket here.
const name = "captures"

// buckets are made by the schemes of their objects' names.
var buckets = map[string]func(t *testing.T) bucket{
	"s3": func(t *testing.T) bucket {
		store := s3mem.New()
		if err := store.CreateBucket(name); err != nil {
			t.Fatal(err)
		}
		for variable, value := range map[string]string{
			"AWS_ENDPOINT_URL_S3": serve(t, gofakes3.New(store).Server()).URL, "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
			"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
		} {
			t.Setenv(variable, value)
		}
		return bucket{
			put: func(object string, content []byte) error {
				_, err := store.PutObject(name, object, nil, bytes.NewReader(content), int64(len(content)), nil)
				return err
			},
			get: func(object string) ([]byte, error) {
				o, err := store.GetObject(name, object, nil)
				if err != nil {
					return nil, err
				}
				defer o.Contents.Close()
				return io.ReadAll(o.Contents)
			},
		}
	},
	"gs": func(t *testing.T) bucket {
		store, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true, Writer: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(store.Stop)
		store.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: name})
		handler := store.HTTPHandler()
		t.Setenv("STORAGE_EMULATOR_HOST", serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Host = "storage.googleapis.com" // objects are served under this name only
			handler.ServeHTTP(w, r)
		})).URL)
		return bucket{
			put: func(object string, content []byte) error {
				store.CreateObject(fakestorage.Object{ObjectAttrs: fakestorage.ObjectAttrs{BucketName: name, Name: object}, Content: content})
				return nil
			},
			get: func(object string) ([]byte, error) {
				o, err := store.GetObject(name, object)
				return o.Content, err
			},
		}
	},
}

// serve serves a store, in which nobody may read what is called forbidden, and what is called vanished is listed, and gone when it is read.
func serve(t *testing.T, store http.Handler) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "forbidden.pcap"):
			w.Header().Set("x-amz-request-id", rand.Text())
			http.Error(w, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", http.StatusForbidden)
		case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "vanished.pcap"):
			http.Error(w, "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>", http.StatusNotFound)
		default:
			store.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// TestBuckets: captures and a snapshot in a bucket are read as if they were here, and the results are written there. Objects that can't be read are said.
func TestBuckets(t *testing.T) {
	for scheme, open := range buckets {
		t.Run(scheme, func(t *testing.T) {
			b, folder := open(t), t.TempDir()
			files := nodes(t, folder, 3, 20_000)
			snapshot := filepath.Join(folder, "cluster.json")
			spoil(t, snapshot, []byte(`{"apiVersion":"v1","kind":"Service","metadata":{"name":"hot","namespace":"shop"},"spec":{"clusterIP":"10.96.0.100","ports":[{"port":80,"protocol":"TCP"}]}}`))
			more := filepath.Join(folder, "more.tgz")
			spoil(t, more, gzipped(t, archived(t, in("more/node03.pcap", read(t, files[2])))))
			files = append(files[:2], more)
			for _, file := range append(files, snapshot) {
				if err := b.put("day#1/"+filepath.Base(file), read(t, file)); err != nil {
					t.Fatal(err)
				}
			}
			for _, object := range []string{"day#1/forbidden.pcap", "day#1/vanished.pcap", "day#2/node04.pcap"} {
				if err := b.put(object, read(t, files[0])); err != nil {
					t.Fatal(err)
				}
			}
			there := scheme + "://" + name + "/day#1/"
			for _, out := range []string{"out/first", "out/again"} {
				var text bytes.Buffer
				j := &job{
					globs:  []string{there + "node0*.pcap", there + "*.tgz", there + "*den.pcap", there + "v*.pcap"},
					output: scheme + "://" + name + "/" + out, args: []string{"--cluster", there + "cluster.json"},
				}
				if err := j.run(t.Context(), &text); err != nil {
					t.Fatal(err)
				}
				for suffix := range strings.FieldsSeq(".json .txt .parquet") {
					content, err := b.get(out + suffix)
					if err != nil {
						t.Fatal(err)
					}
					spoil(t, filepath.Join(folder, filepath.Base(out)+suffix), content)
				}
				differ(t, "text", string(read(t, filepath.Join(folder, filepath.Base(out)+".txt"))), text.String())
			}
			report := read(t, filepath.Join(folder, "first.json"))
			differ(t, "the second report", string(read(t, filepath.Join(folder, "again.json"))), string(report))
			got, faults := faultless(t, report)
			if len(faults) != 2 || !strings.Contains(faults[there+"forbidden.pcap"], "403") || !strings.Contains(faults[there+"vanished.pcap"], "exist") {
				t.Errorf("%q is said of files that can't be read", faults)
			}

			here := folder + string(filepath.Separator)
			files = append(files, here+"forbidden.pcap", here+"vanished.pcap")
			slices.Sort(files)
			want, _ := faultless(t, analyzed(t, slices.Concat([]string{"analyze", "-o", "json", "--cluster", snapshot}, files)...))
			differ(t, "report", got, strings.ReplaceAll(want, here, there))
			if !strings.Contains(got, `"Service": 1`) {
				t.Error("the snapshot was not read")
			}
			if list := rows(t, filepath.Join(folder, "first.parquet")); len(list) < 100 {
				t.Errorf("%d connections", len(list))
			}
		})
	}
}

// faultless returns a report without what it says of files that can't be read, and that.
func faultless(t *testing.T, report []byte) (string, map[string]string) {
	t.Helper()
	var r map[string]any
	if err := json.Unmarshal(report, &r); err != nil {
		t.Fatal(err)
	}
	faults := map[string]string{}
	for _, x := range r["captures"].([]any) {
		c := x.(map[string]any)
		if said, ok := c["error"].(string); ok {
			faults[c["file"].(string)] = said
			delete(c, "error")
		}
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return alike(t, b), faults
}

// TestBucketWildcard: a name that Beam would find nothing for is refused.
func TestBucketWildcard(t *testing.T) {
	for _, c := range []struct{ glob, said string }{
		{"s3://captures/node?.*", "has to be *"},
		{"gs://captures/node[12]*", "has to be *"},
		{"s3://captures/node1.pcap", ""},
		{"node?.*", ""},
	} {
		if _, err := list(t.Context(), c.glob); (err != nil) != (c.said != "") || err != nil && !strings.Contains(err.Error(), c.said) {
			t.Errorf("%s: %v, want %q", c.glob, err, c.said)
		}
	}
}
