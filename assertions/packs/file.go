// Package packs reads assertions files, with the rule files and contracts that they name, and has
// those that are shipped.
package packs

import (
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/assertions/contract"
	"brrtload/assertions/identities"
	"brrtload/assertions/instrumented"
	"brrtload/assertions/rules"
	"brrtload/internal/diag"
)

// Document is the sections of an assertions file. A scenario may have them, too.
type Document struct {
	Budgets     []*checks.Budget        `yaml:"budgets"`     // expressions whose values must keep to limits
	Identities  []*identities.Identity  `yaml:"identities"`  // exact counts that must be equal
	Rules       []rules.Rules           `yaml:"rules"`       // Prometheus rule files: their alerts must not fire
	Liveness    []*checks.Liveness      `yaml:"liveness"`    // metrics that must react to what provokes them
	Returns     []*checks.Return        `yaml:"returns"`     // gauges that must be back where they were once the load is over
	Agreements  []*checks.Agreement     `yaml:"agreements"`  // two views of one thing that must fit together
	Expositions []*checks.Exposition    `yaml:"expositions"` // what any exposition must be or do
	LogEvents   []*checks.LogEvent      `yaml:"log_events"`  // shapes of log events
	Spans       []*checks.Spans         `yaml:"spans"`       // shapes of traces
	Contract    *diag.Text              `yaml:"contract"`    // the name of a contract file
	Limits      []*checks.Words         `yaml:"limits"`      // limits in words, of what the client saw: "p99 < 200ms", "errors of search < 1%"
	Dashboards  []*rules.Dashboard      `yaml:"dashboards"`  // Grafana dashboards and rule files: each metric that they read must be exposed
	MetricsOf   *instrumented.MetricsOf `yaml:"metrics_of"`  // the name of an instrumentation, or the metrics that count and time requests
}

// Load reads an assertions file: YAML with the sections of a [Document]. Everything wrong with it,
// and with the rule and contract files that it names, is reported at once, as a diag.List.
func Load(fsys fs.FS, name string) ([]assertions.Assertion, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read assertions: %w", err)
	}
	return read(fsys, &diag.Source{Name: name, Text: text})
}

func read(fsys fs.FS, src *diag.Source) ([]assertions.Assertion, error) {
	node, err := diag.Parse(src)
	if err != nil {
		return nil, err
	}
	var d Document
	found := diag.List(nil).With(node.Decode(&d))
	list, err := d.Assertions(fsys, path.Dir(src.Name))
	found = found.With(err)
	if len(found) == 0 {
		found = found.With(Unique(list))
	}
	return list, found.Err()
}

// Assertions lists everything that the document asserts. The files that it names are read from a
// directory; what is wrong with them is reported at once, as a diag.List.
func (d *Document) Assertions(fsys fs.FS, dir string) ([]assertions.Assertion, error) {
	list, found := d.own(), diag.List(nil)
	for _, r := range d.Rules {
		if r.File.Value == "" {
			continue // a mistake, and reported
		}
		alerts, err := r.Alerts(fsys, dir)
		list = append(list, alerts...)
		found = found.With(err)
	}
	for _, dashboard := range d.Dashboards {
		if dashboard.File.Value == "" {
			continue // a mistake, and reported
		}
		found = found.With(dashboard.Open(fsys, dir))
	}
	if d.Contract != nil && d.Contract.Value != "" {
		more, err := contract.Read(fsys, dir, *d.Contract)
		list = append(list, more...)
		found = found.With(err)
	}
	return list, found.Err()
}

// own lists what the document asserts by itself, without other files: each section whose items are
// assertions, and what is written in fewer words than an assertion has.
func (d *Document) own() []assertions.Assertion {
	var list []assertions.Assertion
	sections := reflect.ValueOf(*d)
	for i := range sections.NumField() {
		section := sections.Field(i)
		if section.Kind() != reflect.Slice || !section.Type().Elem().Implements(reflect.TypeFor[assertions.Assertion]()) {
			continue
		}
		for j := range section.Len() {
			list = append(list, section.Index(j).Interface().(assertions.Assertion))
		}
	}
	return slices.Concat(list, checks.InWords(d.Limits), d.MetricsOf.Assertions())
}

// Unique returns a diagnostic for every assertion whose id an earlier one has.
func Unique(list []assertions.Assertion) error {
	var found diag.List
	seen := map[string]diag.Position{assertions.DeliveryID: {File: "the delivery check"}}
	for _, a := range list {
		about := a.About()
		if first, ok := seen[about.ID]; ok {
			found = append(found, diag.Diagnostic{Position: about.Position,
				Message: diag.Printable(fmt.Sprintf("the id %q is used already, at %s", about.ID, first))})
			continue
		}
		seen[about.ID] = about.Position
	}
	return found.Err()
}
