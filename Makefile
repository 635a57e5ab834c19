# brrtload: `make` builds, `make run` shows it at work, `make test` is the gate.
GO      ?= go
GOBUILD  = $(GO) build -trimpath
SCENARIO ?= smoke

.PHONY: all build run test lint test-long clean help

all: build ## build bin/brrtload, bin/targetsvc and bin/targetsvc-bare

# The go command knows best what is out of date.
build:
	$(GOBUILD) -o bin/brrtload ./cmd/brrtload
	$(GOBUILD) -o bin/targetsvc ./targetsvc
	$(GOBUILD) -tags notelemetry -o bin/targetsvc-bare ./targetsvc

run: build ## build, then run SCENARIO (smoke) against the bundled service
	bin/brrtload run $(SCENARIO)

test: build lint ## the gate: format, vet, staticcheck, every test
	$(GO) test -timeout 10m ./...

lint: ## gofmt, vet and staticcheck only
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags notelemetry ./targetsvc/...
	$(GO) tool staticcheck ./...

test-long: build ## the long runs: race detector, soaks (an hour); evidence goes to docs/evidence/
	$(GO) test -race -timeout 30m ./...

clean: ## remove what was built and the run directories
	rm -rf bin runs

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
