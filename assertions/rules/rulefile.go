package rules

import (
	"bytes"
	"log/slog"
	"regexp"
	"slices"
	"strconv"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"

	"brrtload/assertions/promql"
	"brrtload/internal/diag"
)

// RuleFile is a Prometheus rule file, or the PrometheusRule of the operator for Kubernetes that has
// one as its spec.
type RuleFile struct {
	APIVersion string     `yaml:"apiVersion"`
	Kind       string     `yaml:"kind"`
	Metadata   unread     `yaml:"metadata"`
	Spec       RuleGroups `yaml:"spec"`
	RuleGroups `yaml:",inline"`
}

// RuleGroups are the groups of a rule file.
type RuleGroups struct {
	Groups []RuleGroup `yaml:"groups"`
}

// RuleGroup is a group of rules.
type RuleGroup struct {
	Name     string            `yaml:"name,required"`
	Interval model.Duration    `yaml:"interval"`
	Offset   model.Duration    `yaml:"query_offset"`
	Limit    int               `yaml:"limit"`
	Labels   map[string]string `yaml:"labels"`
	Rules    []*Alert          `yaml:"rules"`

	// What the rulers of Thanos and Mimir read besides; it says where and when rules are evaluated,
	// not what they mean.
	PartialResponse unread `yaml:"partial_response_strategy"`
	SourceTenants   unread `yaml:"source_tenants"`
	Delay           unread `yaml:"evaluation_delay"`
	Aligned         unread `yaml:"align_evaluation_time_on_interval"`
}

// unread is a part of a document that is not read.
type unread struct{}

// UnmarshalNode implements diag.Unmarshaler.
func (*unread) UnmarshalNode(diag.Node) error { return nil }

// rulesOf reads a rule file. Mistakes are found by our own decoder first, which knows their places,
// then by Prometheus' own checks.
func rulesOf(src *diag.Source) ([]RuleGroup, error) {
	var file RuleFile
	root, err := diag.Parse(src)
	if err != nil {
		return nil, err
	}
	if err := root.Decode(&file); err != nil {
		return nil, err
	}
	text, groups := src.Text, file.Groups
	if spec, wrapped := root.Get("spec"); wrapped {
		if kind, ok := root.Get("kind"); ok && file.Kind != "PrometheusRule" {
			return nil, kind.Errorf("want the kind PrometheusRule, got %q", file.Kind)
		}
		text, groups = only(src.Text, root, spec), file.Spec.Groups
	}
	return groups, checkRules(src, text)
}

// only returns the text of a document in which there is nothing but one of its values, at its
// place.
func only(text []byte, root, value diag.Node) []byte {
	if root.Position().Line == 0 || text[offset(text, root)] == '{' {
		return nil // the braces around it would be left
	}
	from, to := offset(text, value), len(text)
	for _, key := range root.Keys() {
		if at := offset(text, key); at > from {
			to = min(to, at)
		}
	}
	masked := slices.Clone(text)
	for i, c := range masked {
		if (i < from || i >= to) && c != '\n' {
			masked[i] = ' '
		}
	}
	return masked
}

// offset returns where a node begins in a text.
func offset(text []byte, n diag.Node) int {
	at, place := 0, n.Position()
	for range place.Line - 1 {
		at += bytes.IndexByte(text[at:], '\n') + 1
	}
	return min(at+place.Column-1, len(text)-1)
}

var rulePlace = regexp.MustCompile(`^(\d+):(\d+): (?:\d+:\d+: )?`)

// checkRules has Prometheus, which need not know every field of other rulers, check the groups in a
// text, whose places are those of the source.
func checkRules(src *diag.Source, text []byte) error {
	if text == nil {
		return nil
	}
	_, problems := rulefmt.Parse(text, true, model.UTF8Validation, promql.PromQL, slog.New(slog.DiscardHandler))
	var found diag.List
	for _, problem := range problems {
		said, line, column := problem.Error(), 1, 1
		if m := rulePlace.FindStringSubmatch(said); m != nil {
			line, _ = strconv.Atoi(m[1])
			column, _ = strconv.Atoi(m[2])
			said = said[len(m[0]):]
		}
		found = append(found, src.At(max(1, line), max(1, column), 1, "%s", said))
	}
	return found.Err()
}
