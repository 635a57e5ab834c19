package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

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

func validateCommand() *cobra.Command {
	var set []string
	var live string
	cmd := &cobra.Command{
		Use:   "validate [FILE...]",
		Short: "Find what is wrong with scenarios, assertions, rule files and contracts",
		Long: `Read files as a run would, send nothing, and report everything that is wrong with them at once, each mistake at its place.

FILE is the path of a scenario, an assertions file, a Prometheus rule file or a contract, told apart by their sections, or the name of a shipped scenario;
without any, all shipped ones are read. With --against, scenarios and assertions files are held against what a service exposes. A metric that the bundled service does not have is a warning, and so is an alert that looks back
further than its window lasts. Exit status 2 when something is wrong.`,
		Example: `  brrtload validate my-service.yaml alerts.yml
  brrtload validate my-service.yaml --against http://127.0.0.1:8080
  RATE=200 brrtload validate my-service.yaml --set timeout=2s`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = scenarios.Names()
			}
			var found diag.List
			for _, name := range args {
				said, warnings, err := validation{cmd.Context(), live, suite.Changes{Set: set}}.file(name)
				if files.Unreadable(err) {
					err = diag.Diagnostic{Position: diag.Position{File: name}, Message: files.Reason(err)}
				}
				var failed failure
				if errors.As(err, &failed) && !diag.Holds(err) {
					return err
				}
				if found = found.With(err); err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "ok %s: %s\n", diag.Printable(name), said)
				}
				for _, d := range warnings {
					d.Message = "warning: " + d.Message
					fmt.Fprint(cmd.ErrOrStderr(), d.Show())
				}
			}
			return found.Err()
		},
	}
	cmd.Flags().StringVar(&live, "against", "",
		"read the metrics of the service at this `URL` once, and report what does not fit them")
	cmd.Flags().StringArrayVar(&set, "set", nil, "put a `PATH=VALUE` in the place of what scenarios say")
	return cmd
}

// validation reads files as a run would, and holds them against a live service when it has the URL
// of one.
type validation struct {
	ctx  context.Context
	live string
	suite.Changes
}

// file reads one file and says what is in it.
func (v validation) file(name string) (said string, warnings diag.List, err error) {
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
			said, warnings, err = v.against(counting(len(list), "assertion"), nil, list)
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

// against adds what a live service shows to what is said of a file.
func (v validation) against(said string, s *scenarios.Scenario,
	list []assertions.Assertion) (string, diag.List, error) {
	if v.live == "" {
		return said, nil, nil
	}
	families, warnings, err := against(v.ctx, v.live, s, list)
	return said + ", held against " + counting(families, "exposed family"), warnings, err
}

// scenario reads a scenario and all that it asserts.
func (v validation) scenario(src *suite.Source) (said string, warnings diag.List, err error) {
	s, err := src.Load(v.Changes)
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
	said, more, err := v.against(strings.Join(parts, ", "), scenario, list)
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
