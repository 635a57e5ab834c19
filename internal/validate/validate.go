// Package validate finds what is wrong with files before anything is sent.
//
// In go the names of files; out come what is in each, its mistakes and warnings. It reads them as a
// run would.
package validate

import (
	"context"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/contract"
	"brrtload/assertions/lint"
	"brrtload/assertions/packs"
	"brrtload/assertions/promql"
	"brrtload/assertions/rules"
	"brrtload/internal/diag"
	"brrtload/internal/files"
	"brrtload/internal/quantity"
	"brrtload/internal/suite"
	"brrtload/scenarios"
)

// Options are what files are read with.
type Options struct {
	Set     []string // values instead of those in scenarios; see [suite.Changes]
	Against string   // URL of a service that scenarios and assertions files are held against, if any
}

// File reads one file, by its path, or a shipped scenario, by its name. It returns what is in the
// file in a line, and warnings. The error is a [diag.List] of all mistakes, a [diag.Mistake], an
// [exposed.Unreachable], or of a file that cannot be read.
func File(ctx context.Context, name string, o Options) (said string, warnings diag.List, err error) {
	v := validation{ctx, o}

	if !suite.IsFile(name) {
		src, err := suite.Find(name)
		if err != nil {
			return "", nil, err
		}
		return v.scenario(src)
	}
	text, err := fs.ReadFile(files.OS{}, name)
	if err != nil {
		return "", nil, err
	}
	top, err := diag.Parse(&diag.Source{Name: name, Text: text})
	if err != nil {
		return "", nil, err
	}
	switch kind := kindOf(top); kind {
	case "scenario":
		return v.scenario(suite.File(name))
	case "assertions":
		list, err := packs.Load(files.OS{}, name)
		if err == nil {
			err = lint.Misread(list, promql.Client{}).Err()
		}
		if err == nil {
			said, warnings, err = v.holds(counting(len(list), "assertion"), nil, list)
		}
		return said, warnings, err
	case "rule file":
		list, err := rules.Load(files.OS{}, name)
		return counting(len(list), "alerting rule"), nil, err
	case "contract":
		contract, err := contract.Load(files.OS{}, name)
		if err != nil {
			return "", nil, err
		}
		return counting(len(contract.Families), "promised family"), nil, nil
	default:
		return "", nil, top.Errorf("neither a scenario, nor assertions, a rule file or a contract: it has none of their sections")
	}
}

// validation reads one file.
type validation struct {
	ctx context.Context
	Options
}

// kindOf reports what kind of file it is by the section that no other kind has.
func kindOf(top diag.Node) string {
	kinds := []struct {
		name string
		like any
	}{{"scenario", scenarios.Scenario{}}, {"assertions", packs.Document{}}, {"contract", contract.Contract{}},
		{"rule file", rules.RuleFile{}}}
	for _, kind := range kinds {
		for _, field := range diag.Fields(reflect.TypeOf(kind.like)) {
			if _, has := top.Get(field.Name); has && !field.IsPosition() {
				return kind.name
			}
		}
		if _, has := top.Get("include"); has {
			return kinds[0].name
		}
	}
	return ""
}

// holds adds what a live service shows to what is said of a file.
func (v validation) holds(said string, s *scenarios.Scenario,
	list []assertions.Assertion) (string, diag.List, error) {
	if v.Against == "" {
		return said, nil, nil
	}
	families, warnings, err := against(v.ctx, v.Against, s, list)
	return said + ", held against " + counting(families, "exposed family"), warnings, err
}

// scenario reads a scenario and all that it asserts.
func (v validation) scenario(src *suite.Source) (said string, warnings diag.List, err error) {
	s, err := src.Load(suite.Changes{Set: v.Set})
	if err != nil {
		return "", nil, err
	}
	scenario, list := s.Scenario, s.Assertions
	plan, err := scenario.Plan(scenario.Seed)
	if err != nil {
		return "", nil, err
	}
	if scenario.Target.Bundled != nil && len(scenario.Scrape.Endpoints) == 0 {
		if warnings, err = lint.Unknown(list); err != nil {
			return "", nil, err
		}
	}
	if !lint.AskOfAnswers(list) {
		warnings = append(warnings, at(scenario.Source, scenario.Requests[0].At,
			"no budget limits hits that fail: the run fails only when all do; "+
				`write "assert: [client]", or a budget on brrtload_unexpected_total`))
	}
	warnings = append(append(warnings, s.LooksBackTooFar()...), scenario.Warnings()...)
	parts := []string{counting(int(plan.Hits()), "hit") + " in " + quantity.Seconds(plan.Length().Seconds()),
		"at most " + plan.Peak().String(), counting(len(plan.Requests()), "request"), counting(len(list), "assertion")}
	if plan.Peak() == 0 {
		parts = slices.Delete(parts, 0, 2)
		parts = slices.Insert(parts, 0, "as fast as the target answers for "+quantity.Seconds(plan.Length().Seconds()))
	}
	said, more, err := v.holds(strings.Join(parts, ", "), scenario, list)
	return said, append(warnings, more...), err
}

func counting(n int, what string) string {
	plural := "s"
	if n == 1 {
		plural = ""
	}
	if strings.HasSuffix(what, "y") && n != 1 {
		what, plural = strings.TrimSuffix(what, "y"), "ies"
	}
	return quantity.Show(float64(n), "") + " " + what + plural
}

// at makes a warning at a place of a scenario, or of a file that it includes, which is then not
// shown.
func at(src *diag.Source, place diag.Position, text string) diag.Diagnostic {
	if place.File != src.Name {
		return diag.Diagnostic{Position: place, Message: text}
	}
	return src.At(place.Line, place.Column, 1, "%s", text)
}
