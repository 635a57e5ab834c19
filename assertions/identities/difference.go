package identities

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

func (i *Identity) compare(counts []counted) []assertions.Finding {
	findings := make([]assertions.Finding, 0, len(counts))
	for _, c := range counts {
		count := c.Count
		count.Difference = outside(count)
		f := assertions.Finding{Series: c.series, Count: &count, Text: i.sentence(c.series, count)}
		if count.Difference != 0 {
			f.Verdict = assertions.Untruthful
			f.Metrics = i.accused()
		}
		if math.IsNaN(count.Difference) {
			f.Verdict = assertions.Inconclusive
		}
		findings = append(findings, f)
	}
	return findings
}

// accused are the metrics that a difference accuses: all, or, when what the service counted is held
// against its log or its spans, these alone. Which of the two is wrong is then unknown, and where
// a budget rests on the count there is an identity with the client.
func (i *Identity) accused() []string {
	metrics := i.Server.Metrics()
	for _, m := range metrics {
		if !facts.OfClient(m) {
			return nil
		}
	}
	return metrics
}

// outside is the signed distance of the server's count from the interval that the client allows.
func outside(c assertions.Count) float64 {
	switch {
	case c.Server < c.Client:
		return c.Server - c.Client
	case c.Server > c.Client+c.Ambiguous:
		return c.Server - c.Client - c.Ambiguous
	case math.IsNaN(c.Server + c.Client + c.Ambiguous):
		return math.NaN()
	default:
		return 0
	}
}

var label = regexp.MustCompile(`\{([^{}\s]+)\}`)

// sentence puts it the way a person would: "the client counted 1,600 answers with 200, the
// server 1,584".
func (i *Identity) sentence(series map[string]string, c assertions.Count) string {
	client := quantity.Quantity{Value: c.Client}.String()
	if c.Ambiguous > 0 {
		client += " to " + quantity.Quantity{Value: c.Client + c.Ambiguous}.String()
	}
	server := quantity.Quantity{Value: c.Server}.String()
	what, before := i.counted(series), ""
	if i.What == "" && len(series) > 0 {
		before = facts.Show(series) + ": "
	}
	if i.Other.IsZero() {
		return before + fmt.Sprintf("the client counted %s%s, the server %s", client, what, server)
	}
	return before + fmt.Sprintf("%s counted %s%s, %s %s", doubts.Tellers(i.Other), client, what, doubts.Tellers(i.Server), server)
}

// counted names the counted things, with a space before: " answers with 200".
func (i *Identity) counted(series map[string]string) string {
	if i.What == "" {
		return ""
	}
	return " " + label.ReplaceAllStringFunc(i.What, func(name string) string {
		if value, ok := series[strings.Trim(name, "{}")]; ok {
			return value
		}
		return "any " + strings.Trim(name, "{}")
	})
}
