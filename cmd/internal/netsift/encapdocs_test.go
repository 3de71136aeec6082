package netsift

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// TestEncapDocs compares the encapsulations in the contract and its schemas with package decode. With -update it writes
// them anew.
func TestEncapDocs(t *testing.T) {
	for _, x := range []struct {
		file string
		// place finds what is generated, between two groups that stay.
		place, generated string
	}{
		{"contract.md", `(?s)(<!-- tunnels: generated -->\n).*?(<!-- end -->)`, encapTable()},
		{"schema/connection.schema.json", encapEnum, quotedWords(decode.AllEncaps)},
		{"schema/trace.schema.json", encapEnum, quotedWords(decode.AllEncaps)},
		{"schema/stats.schema.json", `(?s)("tunnels": {\n      "type": "object",\n).*?(\n    })`, encapCounts()},
	} {
		name := "../../../docs/" + x.file
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(x.place).FindSubmatchIndex(text)
		if m == nil {
			t.Errorf("%s has no place for encapsulations", name)
			continue
		}
		want := string(text[:m[3]]) + x.generated + string(text[m[4]:])
		if want == string(text) {
			continue
		}
		if flag.Lookup("update").Value.String() != "true" {
			t.Errorf("%s is stale (-page +program); make docs writes it anew:\n%s", name, cmp.Diff(string(text), want))
		} else if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const encapEnum = `(?s)("encap": {\n.*?"kind": {\n          "enum": \[).*?(\])`

func encapTable() string {
	var b strings.Builder
	b.WriteString("| word | | carried in | filter | more ports |\n| --- | --- | --- | --- | --- |\n")
	for k := range decode.AllEncaps.All() {
		in, words, more := fmt.Sprintf("IP, protocol %d", k.Proto()), "", ""
		if k.Proto() == wire.ProtoUDP {
			var ports []string
			for _, port := range k.Ports() {
				ports = append(ports, strconv.Itoa(int(port)))
			}
			in = "UDP, port " + strings.Join(ports, ", ")
		}
		switch {
		case !decode.Unwrapped().Has(k):
			in += "; encrypted, so never opened"
		case decode.UDPTunnels().Has(k):
			words, more = fmt.Sprintf("`%s`", k), fmt.Sprintf("`--%s`", portFlag(k))
			if k.HasVNI() {
				words += fmt.Sprintf(", `%s VNI`", k)
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k, k.Name(), in, words, more)
	}
	return b.String()
}

func quotedWords(s decode.EncapSet) string {
	var list []string
	for k := range s.All() {
		list = append(list, strconv.Quote(k.String()))
	}
	return strings.Join(list, ", ")
}

// encapCounts returns the properties of the counts of `netsift stats`.
func encapCounts() string {
	var list []string
	for k := range decode.Unwrapped().All() {
		list = append(list, fmt.Sprintf("        %q: {\n          \"type\": \"integer\",\n          \"minimum\": 0\n        }", k.String()))
	}
	return fmt.Sprintf("      \"required\": [%s],\n      \"properties\": {\n%s\n      }", quotedWords(decode.Unwrapped()), strings.Join(list, ",\n"))
}
