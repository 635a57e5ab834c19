// Package scenarios says what traffic to send.
//
// In goes a YAML file, read strictly, every mistake reported at once; out comes a [Scenario], and
// from it a [Plan]: for every hit number, when it is due and what is to be sent, as a pure function
// of the seed and that number. Package internal/load carries a plan out.
package scenarios

import (
	"embed"
	"io/fs"
	"strings"
	"time"

	"brrtload/internal/diag"
)

//go:embed *.yaml
var shipped embed.FS

// Shipped returns the scenarios that come with brrtload, as files named NAME.yaml.
func Shipped() fs.FS { return shipped }

// Names lists the shipped scenarios, sorted, without the extension of their files.
func Names() []string {
	files, err := fs.Glob(shipped, "*.yaml")
	if err != nil {
		panic("scenarios: " + err.Error()) // the pattern is good
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(file, ".yaml")
	}
	return files
}

// Scenario is a load to send to a target, and what must hold afterwards. Load makes one; it is not
// changed after.
type Scenario struct {
	Name        string                `yaml:"name"`              // names the run; the file's name by default
	Description string                `yaml:"description"`       // one line, which `brrtload scenarios` lists
	Seed        uint64                `yaml:"seed"`              // of everything that is drawn; the same seed gives the same hits; 0 by default
	Target      Target                `yaml:"target,required"`   // the service under test
	Scrape      Scrape                `yaml:"scrape"`            // how the target's telemetry is read
	Connections int                   `yaml:"connections"`       // maximum number, each made when a hit needs it; by default as many as the highest rate sends in half a second, from 64 to 256
	Timeout     time.Duration         `yaml:"timeout"`           // of a hit, from its sending; 10s by default
	Transport   Transport             `yaml:"transport"`         // how hits travel
	Logs        *Logs                 `yaml:"logs"`              // how the target's log is read; without it nothing in the log is counted
	Traces      *Traces               `yaml:"traces"`            // which hits are traced and where spans are taken in; without it no hit is traced
	Memory      *Memory               `yaml:"memory"`            // the tool that sees the target's allocations from outside: pprof, heaptrack, dhat or massif, or {tool: pprof, url: …}; none by default
	Warmup      *Warmup               `yaml:"warmup"`            // a stretch before the stages: counted, and not judged by budgets; none by default
	Stages      []Stage               `yaml:"stages,required"`   // the load, one stretch after the other
	Credentials map[string]Credential `yaml:"credentials"`       // name to what hits show: good ones and deliberately bad ones
	Requests    []Request             `yaml:"requests,required"` // the kinds of call, drawn by their weights
	Assert      []diag.Text           `yaml:"assert"`            // names of packs, or of files beside the scenario; the pack truth is always asserted, others only when named

	Source    *diag.Source      `yaml:"-"` // the text it was read from; those that it includes have their own
	Files     fs.FS             `yaml:"-"` // the directory it was read from
	Variables map[string]string `yaml:"-"` // of the environment, with the values that they had; secrets among them

	settings  Settings
	dir       string   // of its file; paths are beside it
	fromFiles []string // secrets in files that the scrape settings name
	sources   map[string]*diag.Source
	top       diag.Node
}

// DefaultTimeout is the timeout of a scenario that does not say.
const DefaultTimeout = 10 * time.Second
