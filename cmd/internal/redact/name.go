package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
)

// vocabulary are labels that every cluster has, or that say what a name is and not whose. They stay wherever they are in
// a name: the resolver appends search domains, and what it made of a name must still begin with it.
var vocabulary = set(
	"svc cluster local pod in-addr arpa ip6 default kube-system kube-public kubernetes kube-dns coredns localhost",
	"com net org io dev info internal local localdomain lan home corp intranet private test example invalid",
)

// services are the labels of SRV and TXT names that are registered or usual. Others name the port of somebody's program.
var services = set(
	"_tcp _udp _sctp _http _https _grpc _dns _dns-tcp _metrics _ldap _kerberos _domainkey _dmarc _acme-challenge",
	"_etcd-server _etcd-client _etcd-server-ssl _etcd-client-ssl _peer _client _web _mysql _postgresql _redis _amqp _xmpp _sip",
)

func set(lists ...string) map[string]bool {
	all := map[string]bool{}
	for _, list := range lists {
		for _, word := range strings.Fields(list) {
			all[word] = true
		}
	}
	return all
}

// Name returns what stands for a DNS name: for each label another, in small letters, so that names with the same ending
// still have the same. Labels that mean the same everywhere stay, and addresses that are written as names, like those of
// reverse lookups and pods, become what Addr makes of them. It may be longer than a name in DNS can be.
func (k *Key) Name(name string) string {
	labels := split(strings.ToLower(name))
	rest := k.address(labels)
	if n := wellKnown(labels); n > 0 {
		rest = labels[n:]
	}
	for i, label := range rest {
		rest[i] = k.label(label)
	}
	return strings.Join(labels, ".")
}

// split returns the labels of a name as decode writes it, where a dot in a label has a backslash before it. The root, and
// what is behind a last dot, is an empty label.
func split(name string) (labels []string) {
	begin := 0
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '\\':
			i++
		case '.':
			labels = append(labels, name[begin:i])
			begin = i + 1
		}
	}
	return append(labels, name[begin:])
}

func (k *Key) label(label string) string {
	if label == "" || vocabulary[label] || services[label] {
		return label
	}
	if out, ok := k.dashed(label); ok {
		return out
	}
	if rest, ok := strings.CutPrefix(label, "_"); ok {
		return "_" + k.word(rest)
	}
	return k.word(label)
}

// wordLen letters are 47 bits: two labels of a report are never the same by accident.
const wordLen = 10

func (k *Key) word(label string) string {
	h := hmac.New(sha256.New, k.names)
	h.Write([]byte(label))
	sum := h.Sum(nil)
	var out [wordLen]byte
	for i := range out {
		out[i] = 'a' + sum[i]%26
	}
	return string(out[:])
}
