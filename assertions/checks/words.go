package checks

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// Words is a limit in words, of what the client saw in the steady load: "p99 < 200ms", "mean of
// search < 50ms", "errors < 1%", "errors == 0".
type Words struct {
	text   diag.Text
	budget *Budget
}

// wordsForm is what a limit in words looks like: what is measured, of which request, and its limit.
var wordsForm = regexp.MustCompile(`^\s*(p\d{1,2}(?:\.\d+)?|mean|errors)(?:\s+of\s+(.+?))?\s*((?:<|>|=|!).*)$`)

const wantWords = `want "p99 < 200ms", "mean < 50ms" or "errors < 1%%", of one request as in "p99 of search < 200ms"`

// UnmarshalNode implements diag.Unmarshaler.
func (w *Words) UnmarshalNode(n diag.Node) error {
	if err := n.Decode(&w.text); err != nil {
		return err
	}
	parts := wordsForm.FindStringSubmatch(w.text.Value)
	if parts == nil {
		return w.text.Errorf(wantWords)
	}
	what, request := parts[1], parts[2]
	var limit assertions.Limit
	if err := limit.UnmarshalText([]byte(parts[3])); err != nil {
		return w.text.Errorf("%s", err)
	}
	matchers := `phase="` + facts.Steady + `"`
	if request != "" {
		matchers += ",request=" + strconv.Quote(request)
	}
	expr, units := clientMeasure(what, limit.Unit, matchers)
	if expr == "" {
		return w.text.Errorf("%s has a limit of another unit: want %s", what, units)
	}
	q := promql.Query{Text: w.text.With(expr)}
	if err := q.Parse(); err != nil {
		return err
	}
	w.budget = &Budget{
		At:       n.Position(),
		ID:       Identifier("limit", what, request),
		Expr:     q,
		Must:     assertions.Limits{limit},
		In:       diag.Text{Value: facts.Steady},
		Severity: assertions.Failing,
		Why:      "the limit " + strconv.Quote(strings.TrimSpace(w.text.Value)),
	}
	return nil
}

// clientMeasure returns the expression of what the client saw, in a unit; or nothing, and which
// units there are.
func clientMeasure(what, unit, matchers string) (expr, units string) {
	latency := "increase(brrtload_latency_seconds{" + matchers + "}[range()] anchored)"
	unexpected := "sum(increase(brrtload_unexpected_total{" + matchers + "}[range()] anchored))"
	switch {
	case what == "errors" && unit == "":
		return unexpected, ""
	case what == "errors" && unit == "ratio":
		return unexpected + " / sum(increase(brrtload_hits_total{" + matchers + "}[range()] anchored))", ""
	case what == "errors":
		return "", "a share, like 1%, or a number"
	case unit != "s":
		return "", "a time, like 200ms"
	case what == "mean":
		return "histogram_avg(sum(" + latency + "))", ""
	}
	return fmt.Sprintf("histogram_quantile(%s, sum(%s))", share(what[1:]), latency), ""
}

// share writes a percentage as a share, without rounding: 99.9 is 0.999.
func share(percent string) string {
	whole, rest, _ := strings.Cut(percent, ".")
	return "0." + strings.Repeat("0", 2-len(whole)) + whole + rest
}

// identifier makes an id of words.
func Identifier(words ...string) string {
	id := regexp.MustCompile(`[^a-z0-9.]+`).ReplaceAllString(strings.ToLower(strings.Join(words, " ")), "-")
	return strings.Trim(id, "-")
}

func InWords(all []*Words) []assertions.Assertion {
	var list []assertions.Assertion
	for _, w := range all {
		if w != nil && w.budget != nil {
			list = append(list, w.budget)
		}
	}
	return list
}
