package assertions

import (
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
)

// selectorOf returns a PromQL selector of a metric, with further matchers as PromQL writes them. A name that is no
// identifier, such as http.server.requests, is quoted.
func selectorOf(metric string, matchers ...string) string {
	if !model.LegacyValidation.IsValidMetricName(metric) {
		return "{" + strings.Join(append([]string{strconv.Quote(metric)}, matchers...), ", ") + "}"
	}
	if len(matchers) == 0 {
		return metric
	}
	return metric + "{" + strings.Join(matchers, ", ") + "}"
}

// labelList returns the names of labels as PromQL writes them in a list.
func labelList(names ...string) string {
	written := make([]string, len(names))
	for i, name := range names {
		written[i] = labelIn(name)
	}
	return strings.Join(written, ", ")
}

// labelIn returns the name of a label as PromQL writes it.
func labelIn(name string) string {
	if !model.LegacyValidation.IsValidLabelName(name) {
		return strconv.Quote(name)
	}
	return name
}

// aName reports whether a text can be the name of a metric or a label, and not a selector or a list of names.
func aName(text string) bool {
	return model.UTF8Validation.IsValidMetricName(text) && !strings.ContainsAny(text, "{}()[],=\"'` \t\n")
}
