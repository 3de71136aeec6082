GO      ?= go
TOOL     = $(GO) tool -modfile=tools/go.mod
# The tag's version, if there is one; otherwise the program knows its own.
VERSION ?= $(patsubst v%,%,$(shell git describe --tags --dirty 2>/dev/null))

# Where the comparison with tshark finds captures, the script that compares, and tshark's recorded answers, if they are
# present: none of them is part of this repository.
WILD        ?= ../shared/wild
ORACLE      ?= ../shared/score/wild.py
ORACLE_DATA ?= $(WILD)/oracle.jsonl

FUZZTIME ?= 10s
SOAKTIME ?= 120
BENCH    ?= .

.DEFAULT_GOAL := help
.PHONY: help build test race fuzz soak bench lint fmt docs demo dist lab cluster fleet oracle score cover FORCE

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: bin/netsift bin/kubectl-netsift ## build bin/netsift and bin/kubectl-netsift

# The go command knows what is up to date.
bin/netsift bin/kubectl-netsift: FORCE
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w $(if $(VERSION),-X github.com/netsift/netsift/cmd/internal/netsift.Version=$(VERSION))' -o $@ ./cmd/$(@F)

test: ## run the tests; needs nothing but Go
	$(GO) test ./...
	$(GO) test -tags heapslab ./analyze/slab ./analyze/join # as on systems other than Linux
	@echo
	@echo 'Not part of this run: the race detector (make race), fuzzing (make fuzz), a soak (make soak), benchmarks (make bench), static'
	@echo 'checks (make lint), the comparison with tshark (make oracle), captures from real network namespaces (make lab), kubectl netsift on a real cluster (make cluster), netsift-beam (make fleet).'

# -short: an eighth of the corpus where tests play all of it, and none of the tests that measure memory.
race: ## run the tests under the race detector; needs a C compiler
	$(GO) test -race -short ./...

fuzz: ## run each fuzz target for FUZZTIME (10s)
	@GO='$(GO)' tools/fuzz $(FUZZTIME)

soak: bin/netsift ## run netsift live for SOAKTIME seconds (120) on traffic that changes all the time, and check its memory
	@GO='$(GO)' tools/soak bin/netsift $(SOAKTIME)

bench: ## run the benchmarks that match BENCH (all)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

lint: ## vet, staticcheck, gofumpt, tidy go.mod, links in the documentation
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	$(GO) -C tools vet ./...
	cd tools && $(GO) tool staticcheck ./...
	@files=$$($(TOOL) gofumpt -l .) && if [ -n "$$files" ]; then \
		echo "gofumpt would change these files (make fmt does it):"; echo "$$files"; exit 1; fi
	$(GO) mod tidy -diff
	$(GO) -C tools mod tidy -diff
	$(GO) test -count=1 -run '^TestDocs' .

fmt: ## format the code with gofumpt
	$(TOOL) gofumpt -w .

docs: ## generate what is generated in docs/
	$(GO) generate ./...

demo: bin/netsift ## build netsift and analyze the capture embedded in it
	@bin/netsift demo

# VERSION: the one to make, by default that of the tag. See tools/release.
dist: ## make dist/, all files that a version is published as, for each system; needs a clone with its tags, and at first a quarter of an hour
	rm -rf dist
	$(GO) -C tools run ./release -version '$(VERSION)'

# LAB: scenarios (all by default; go run ./corpus/lab -list). LABFLAGS: -o folder to leave the captures there, -ci.
lab: ## take captures from network namespaces of this machine; needs root
	$(GO) run ./corpus/lab $(LABFLAGS) $(if $(RECORD),-record corpus/score/testdata/lab.json) $(LAB)

# KUBECONFIG: a cluster that may be played with. NETSIFT_IMAGE: the image of the capture pods there. See cmd/internal/plugin/real_test.go.
cluster: ## test kubectl netsift on the cluster of KUBECONFIG, which it makes namespaces and breaks Services in
	@[ -n "$$KUBECONFIG" ] && [ -f "$$KUBECONFIG" ] || { echo 'make cluster: skipped, KUBECONFIG names no file'; exit 0; }; \
	$(GO) test -count=1 -v -tags cluster -run '^TestReal' ./cmd/internal/plugin

# NODES (2 8 32 64) and FRAMES, of each node (100000). The module has dependencies of its own, which take minutes to build: make test leaves it out.
fleet: ## test netsift-beam, with the runner and three workers in processes of their own, on captures of 2 to 64 nodes
	@[ -d /proc/self/fd ] || { echo 'make fleet: skipped, it looks at its processes through /proc, which only Linux has'; exit 0; }; \
	cd cmd/netsift-beam && $(GO) vet -tags fleet ./... && $(GO) test -count=1 -v -timeout 60m -tags fleet ./...

oracle: bin/netsift ## compare netsift stats with tshark's answers over the captures in WILD
	@skip() { echo "make oracle: skipped, $$1"; exit 0; }; \
	command -v python3 >/dev/null || skip 'there is no python3 to run the comparison'; \
	[ -d '$(WILD)' ] || skip 'there is no folder of captures at $(WILD) (say WILD=folder)'; \
	[ -f '$(ORACLE)' ] || skip 'there is no script that compares at $(ORACLE) (say ORACLE=script)'; \
	[ -f '$(ORACLE_DATA)' ] || skip "there are no recorded answers of tshark at $(ORACLE_DATA) (say ORACLE_DATA=file)"; \
	python3 '$(ORACLE)' bin/netsift '$(WILD)' '$(ORACLE_DATA)'

score: ## recall and false alarms per rule, over the cases of corpus/
	$(GO) test -count=1 -v -run '^TestScore$$' ./corpus/score

cover: ## test coverage over all packages
	$(GO) test -coverpkg=./... -coverprofile=cover.out ./...
	$(GO) tool cover -func=cover.out | tail -1

FORCE:
