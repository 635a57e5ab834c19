# brrtload: `make` builds, `make run` shows it at work, `make test` is the gate.
GO      ?= go
# The revision goes into what is built, whatever GOFLAGS says, where git can tell it.
STAMP   := $(shell git rev-parse -q --verify HEAD >/dev/null 2>&1 && echo -buildvcs=true)
GOBUILD  = $(GO) build -trimpath $(STAMP)
SCENARIO ?= smoke

.PHONY: all build run test lint test-long bench-truth bench-load calibrate picture clean help

all: build ## build bin/brrtload, bin/targetsvc and bin/targetsvc-bare

# The go command knows best what is out of date.
build:
	$(GOBUILD) -o bin/brrtload ./cmd/brrtload
	$(GOBUILD) -o bin/targetsvc ./targetsvc
	$(GOBUILD) -tags notelemetry -o bin/targetsvc-bare ./targetsvc

run: build ## build, then run SCENARIO (smoke) against the bundled service
	bin/brrtload run $(SCENARIO)

test: build lint ## the gate: format, vet, staticcheck, every test
	$(GO) test -timeout 10m $$($(GO) list ./... | grep -v /cmd/)
	$(GO) test -timeout 10m -tags notelemetry ./targetsvc/internal/stack
	$(GO) test -timeout 40m -parallel 3 ./cmd/... # alone: a load test beside another measures it; two minutes' soak beside two that only count

lint: ## gofmt, vet and staticcheck only
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags notelemetry ./targetsvc/...
	$(GO) tool staticcheck ./...

test-long: build ## the long runs: race detector, a million hits, a stalling target, clients that leave
	$(GO) test -race -timeout 30m $$($(GO) list ./... | grep -v /cmd/)
	$(GO) test -tags long -timeout 60m ./internal/load
	$(GO) test -tags long -timeout 45m -run Long ./cmd/brrtload # twenty seeds with clients that leave, the memory of ten minutes; evidence goes to docs/evidence/

bench-truth: build ## what the truth checks of a run of a minute cost; a minute and a half
	$(GO) test ./cmd/brrtload -run XXX -bench BenchmarkTruth -benchtime 10x

bench-load: build ## what a hit costs beside vegeta, hey and wrk; evidence goes to docs/evidence/ (needs nginx, wrk, taskset)
	$(GO) run ./internal/load/benchload -brrtload bin/brrtload -runs 5 -duration 10s -out docs/evidence

picture: ## draw docs/report.svg, the report that README shows, from its kept run
	$(GO) run ./docs/picture docs/picture/run >docs/report.svg

FOR ?= 10m
calibrate: build ## overhead experiments whose truth is known, for as long as FOR says; evidence and docs/overhead-calibration.md grow
	$(GO) run ./internal/overhead/calibrate -for $(FOR)

clean: ## remove what was built and the run directories
	rm -rf bin runs

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
