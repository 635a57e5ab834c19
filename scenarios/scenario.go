// Package scenarios says what traffic to send.
//
// In goes a YAML file, read strictly, every mistake reported at once; out comes a [Scenario], and from it a [Plan]: for every hit number,
// when it is due and what is to be sent, as a pure function of the seed and that number. Package internal/load carries a plan out.
package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
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
	Budgets     diag.Node             `yaml:"budgets"`
	Identities  diag.Node             `yaml:"identities"`

	Source *diag.Source `yaml:"-"` // the text it was read from
	Files  fs.FS        `yaml:"-"` // the directory it was read from
}

// Defaults of a scenario that does not say.
const (
	DefaultConnections = 64
	DefaultTimeout     = 10 * time.Second
)

// Load reads the scenario file of that name. The error is a [diag.List] of all mistakes, or a diagnostic of a
// template that cannot be carried out, or tells why the file could not be read.
func Load(fsys fs.FS, name string) (*Scenario, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read scenario: %w", err)
	}
	dir := beside{fsys, path.Dir(name)}
	s := &Scenario{
		Connections: DefaultConnections, Timeout: DefaultTimeout,
		Source: &diag.Source{Name: name, Text: text}, Files: dir,
	}
	s.Scrape.Interval = DefaultScrapeInterval
	var found diag.List
	if err := diag.Decode(s.Source, s); err != nil && !errors.As(err, &found) {
		return nil, err
	}
	if s.Name == "" {
		base := path.Base(name)
		s.Name = base[:len(base)-len(path.Ext(base))]
	}
	found = append(found, s.check()...)
	if err := found.Err(); err != nil {
		return nil, err
	}
	if _, err := s.Plan(s.Seed); err != nil { // whether templates can be carried out shows only when they are
		return nil, err
	}
	return s, nil
}

// beside opens files by names relative to a directory of another file system. Unlike fs.Sub it takes any directory that the other one takes:
// a scenario may be loaded by an absolute path, or from above the working directory.
type beside struct {
	fs.FS
	dir string
}

// Open implements fs.FS.
func (b beside) Open(name string) (fs.File, error) { return b.FS.Open(path.Join(b.dir, name)) }

// Secrets gives the texts that no log, report or error may show, the longest first.
func (s *Scenario) Secrets() []string {
	var secrets []string
	for _, c := range s.Credentials {
		secrets = append(secrets, c.secrets()...)
	}
	secrets = append(secrets, s.Scrape.HTTP.secrets()...)
	secrets = append(secrets, passwords(s.Target.URL, s.Target.Metrics, s.Transport.Proxy)...)
	for _, e := range s.Scrape.Endpoints {
		secrets = append(append(secrets, e.HTTP.secrets()...), passwords(e.URL)...)
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(secrets)
}
