# brrtload: `make` builds, `make run` shows it at work, `make test` is the gate.
GO      ?= go
# The revision goes into what is built, whatever GOFLAGS says, where git can tell it.
STAMP   := $(shell git rev-parse -q --verify HEAD >/dev/null 2>&1 && echo -buildvcs=true)
GOBUILD  = $(GO) build -trimpath $(STAMP)
SCENARIO ?= smoke

.PHONY: all build run check lint test test-long evidence fuzz bench-truth bench-load calibrate generate picture clean help

all: build ## build bin/brrtload, bin/targetsvc and bin/targetsvc-bare

# The go command knows best what is out of date.
build:
	$(GOBUILD) -o bin/brrtload ./cmd/brrtload
	$(GOBUILD) -o bin/targetsvc ./targetsvc
	$(GOBUILD) -tags notelemetry -o bin/targetsvc-bare ./targetsvc

run: build ## build, then run SCENARIO (smoke) against the bundled service
	bin/brrtload run $(SCENARIO)

# Tests in three tiers. Each has all of the one before it.
LIBRARY = $$($(GO) list ./... | grep -v /cmd/)

check: lint ## format, vet, staticcheck and the library's tests; under a minute when warm
	$(GO) test -timeout 10m $(LIBRARY)
	$(GO) test -timeout 10m -tags notelemetry ./targetsvc/internal/stack

test: check ## the gate: check, README, tutorial, a run of each kind, a sample of lies; about three minutes
	$(GO) test -timeout 30m -parallel 3 ./cmd/...

test-long: check ## everything: all lies and faults, overhead, soak, race detector, arm64, services in five languages; hours
	@if [ "$$($(GO) env CGO_ENABLED)" = 1 ]; then echo "$(GO) test -race"; $(GO) test -race -timeout 60m $(LIBRARY); \
	else echo "skipped: the race detector needs a C compiler"; fi
	$(GO) test -tags long -timeout 60m $(LIBRARY)
	$(GO) test -tags long -timeout 180m -parallel 3 ./cmd/...

lint: ## gofmt, vet and staticcheck only
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags long ./cmd/... ./internal/load ./internal/memory ./targetsvc/internal/stack
	$(GO) vet -tags notelemetry ./targetsvc/...
	$(GO) tool staticcheck ./...

evidence: ## measure anew what docs/evidence keeps: a million hits, a stall, clients that leave, memory, capacity, merging, services in five languages
	$(GO) test -tags long -timeout 60m ./internal/load -run 'TestLedgerIsExact|TestAStallOnASocket' -update
	$(GO) test -tags long -timeout 60m ./cmd/brrtload -run 'TestAbortsLong|TestMemoryLong|TestCapacityOf|TestForeignServices' -update
	$(GO) test -tags long -timeout 60m ./internal/merge -run TestMergeTenShards -update

fuzz: FOR ?= 30s
fuzz: ## each fuzz target for FOR (30s)
	@git grep -o 'func Fuzz[A-Za-z0-9_]*' -- '*_test.go' | while IFS=: read -r file name; do \
	name=$${name#func }; echo "$${file%/*} $$name"; \
	$(GO) test "./$${file%/*}" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FOR) -fuzzminimizetime 10x </dev/null || exit 1; done

bench-truth: build ## what the truth checks of a run of a minute cost; a minute and a half
	$(GO) test ./cmd/brrtload -run XXX -bench BenchmarkTruth -benchtime 10x

bench-load: BEFORE ?=
bench-load: build ## what a hit and a scrape cost beside vegeta, hey and wrk; BEFORE=BINARY compares (needs nginx, wrk, taskset)
	$(GO) run ./internal/load/benchload -brrtload bin/brrtload -before "$(BEFORE)" -runs 5 -duration 10s -out docs/evidence

generate: ## write what is made from the code: schemas, tables of the docs, the report that docs/reports.md shows
	$(GO) generate ./internal/gen

picture: ## draw docs/report.svg, the report that README shows, from its kept run
	$(GO) run ./docs/picture docs/picture/run >docs/report.svg

calibrate: FOR ?= 10m
calibrate: build ## overhead experiments whose truth is known, for as long as FOR says; evidence and docs/overhead-calibration.md grow
	$(GO) run ./internal/overhead/calibrate -for $(FOR)

clean: ## remove what was built and the run directories
	rm -rf bin runs

help: ## this list
	@while IFS= read -r line; do case $$line in \
	[a-z]*:*'## '*) printf '  make %-12s %s\n' "$${line%%:*}" "$${line#*## }";; esac; done <Makefile
