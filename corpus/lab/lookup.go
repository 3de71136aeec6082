package main

import (
	_ "embed"
	"net/netip"
	"path/filepath"
	"strings"

	"github.com/miekg/dns"
)

// clusterSearch is a pod's search list as the kubelet writes it.
var clusterSearch = []string{"default.svc.cluster.local", "svc.cluster.local", "cluster.local"}

// resolver gives a pod its resolv.conf; options are added to ndots:5.
func (s *stage) resolver(p *pod, options string) {
	if s.err != nil {
		return
	}
	s.fail(p.configure("resolv.conf", "search "+strings.Join(clusterSearch, " ")+"\nnameserver "+kubeDNS.Addr().String()+
		"\noptions ndots:5 "+options+"\n"))
	// Programs in namespaces share the machine's own sources of names, unless configured otherwise.
	s.fail(p.configure("nsswitch.conf", "hosts: files dns\n"))
	s.fail(p.configure("hosts", "127.0.0.1 localhost\n"))
}

// ask has a pod look up a name with the C library's resolver. The server counts its cost at the end.
func (s *stage) ask(p *pod, libc, name string) *lookup {
	if s.err != nil {
		return new(lookup)
	}
	program := []string{"getent", "ahosts", name}
	if libc == "musl" {
		program = []string{s.muslLookup(), name}
	}
	text, err := p.exec(s.ctx, "", program[0], program[1:]...)
	l := lookup{Client: p.addr, Name: strings.TrimSuffix(name, "."), Resolver: libc, Outcome: "answered"}
	for _, search := range clusterSearch {
		// Whether a program asked for "web" or for "web" with the first search domain shows nowhere: the short name is meant.
		if short, ok := strings.CutSuffix(name, "."+search+"."); ok {
			l.Name = short
			break
		}
	}
	if fields := strings.Fields(text); err == nil && len(fields) > 0 {
		l.Answer, _ = netip.ParseAddr(fields[0])
	}
	s.lookups = append(s.lookups, l)
	return &s.lookups[len(s.lookups)-1]
}

// count fills the lookups' figures from the server's diary, for lookups that reached it. Each client asks for a name once.
func (s *stage) count() {
	if s.nameserve == nil {
		return
	}
	r, err := s.nameserve.tell(s.ctx, order{Do: "queries"})
	if err != nil {
		s.fail(err)
		return
	}
	for i := range s.lookups {
		l := &s.lookups[i]
		seen := map[query]bool{}
		for _, q := range r.Queries {
			if q.Client != l.Client || !l.candidate(q.Name) {
				continue
			}
			switch {
			case seen[q]:
				l.Retries++
				continue
			case q.Rcode == dns.RcodeNameError:
				l.Wasted++
			case q.Rcode == dns.RcodeServerFailure && !l.Answer.IsValid():
				l.Outcome = "servfail"
			}
			seen[q] = true
			l.Queries++
		}
	}
}

// candidate reports whether a question may belong to the lookup.
func (l *lookup) candidate(question string) bool {
	if question == l.Name {
		return true
	}
	for _, s := range clusterSearch {
		if question == l.Name+"."+s {
			return true
		}
	}
	return false
}

//go:embed musl/lookup.c
var muslSource string

// muslLookup builds the program that looks up names with musl, once a stage.
func (s *stage) muslLookup() string {
	if s.musl != "" {
		return s.musl
	}
	dir, err := temporary("musl")
	if err != nil {
		s.fail(err)
		return ""
	}
	s.musl = filepath.Join(dir, "lookup")
	_, err = run(s.ctx, muslSource, "musl-gcc", "-static", "-Os", "-o", s.musl, "-x", "c", "-")
	s.fail(err)
	return s.musl
}
