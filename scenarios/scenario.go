// Package scenarios says what traffic to send.
//
// In goes a YAML file, read strictly, every mistake reported at once; out comes a [Scenario], and from it a [Plan]: for every hit number,
// when it is due and what is to be sent, as a pure function of the seed and that number. Package internal/load carries a plan out.
package scenarios

import (
	"embed"
	"io/fs"
	"time"

	"brrtload/internal/diag"
)

//go:embed *.yaml
var shipped embed.FS

// Shipped gives the scenarios that come with brrtload, as files named NAME.yaml.
func Shipped() fs.FS { return shipped }

// Scenario is a load to send to a target, and what must hold afterwards. Load makes one; it is not changed after.
type Scenario struct {
	Name        string                `yaml:"name"`
	Description string                `yaml:"description"`
	Seed        uint64                `yaml:"seed"`
	Target      Target                `yaml:"target,required"`
	Scrape      Scrape                `yaml:"scrape"`
	Connections int                   `yaml:"connections"` // at most so many at once
	Timeout     time.Duration         `yaml:"timeout"`     // of a hit, from its sending
	Transport   Transport             `yaml:"transport"`
	Logs        *Logs                 `yaml:"logs"`   // nil: the log is not counted
	Traces      *Traces               `yaml:"traces"` // nil: no hit is traced, no span taken in
	Warmup      *Warmup               `yaml:"warmup"`
	Stages      []Stage               `yaml:"stages,required"`
	Credentials map[string]Credential `yaml:"credentials"`
	Requests    []Request             `yaml:"requests,required"`
	Assert      []diag.Text           `yaml:"assert"` // names of packs, or of files beside the scenario

	Source    *diag.Source      `yaml:"-"` // the text it was read from; those that it includes have their own
	Files     fs.FS             `yaml:"-"` // the directory it was read from
	Variables map[string]string `yaml:"-"` // of the environment, with the values that they had; secrets among them

	settings Settings
	sources  map[string]*diag.Source
	top      diag.Node
}

// Defaults of a scenario that does not say.
const (
	DefaultConnections = 64
	DefaultTimeout     = 10 * time.Second
)
