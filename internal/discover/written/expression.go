package written

import (
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"

	"brrtload/internal/discover"
)

// without returns the matcher that leaves scrapes out.
func without(s discover.Scrapes) []string {
	if s.Label == "" {
		return nil
	}
	return []string{s.Label + "!=" + strconv.Quote(s.Value)}
}

func hits(outcome string, omitted []string) string {
	matchers := `outcome="` + outcome + `"`
	if len(omitted) > 0 {
		matchers += `,request!~"` + strings.Join(omitted, "|") + `"`
	}
	return "brrtload_hits_total{" + matchers + "}"
}

func increase(name string, matchers []string) string {
	return "increase(" + selector(name, matchers) + "[range()] anchored)"
}

// selector writes a metric with matchers, as PromQL wants names that have other characters than
// letters, digits and underscores.
func selector(name string, matchers []string) string {
	if !model.LegacyValidation.IsValidMetricName(name) {
		return "{" + strings.Join(slices.Insert(slices.Clone(matchers), 0, strconv.Quote(name)), ",") + "}"
	}
	if len(matchers) == 0 {
		return name
	}
	return name + "{" + strings.Join(matchers, ",") + "}"
}

// escaped keeps a path from being read as a template.
func escaped(path string) string {
	if !strings.Contains(path, "{{") {
		return path
	}
	return strings.ReplaceAll(path, "{{", "{{`{{`}}")
}
