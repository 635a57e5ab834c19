package assertions

import (
	"fmt"
	"math"
	"regexp"
	"strings"
)

func (i *Identity) compare(counts []counted) []Finding {
	findings := make([]Finding, 0, len(counts))
	for _, c := range counts {
		count := c.Count
		count.Difference = outside(count)
		f := Finding{Series: c.series, Count: &count, Text: i.sentence(c.series, count)}
		if count.Difference != 0 {
			f.Verdict = Untruthful
			f.Metrics = i.accused()
		}
		if math.IsNaN(count.Difference) {
			f.Verdict = Inconclusive
		}
		findings = append(findings, f)
	}
	return findings
}

// accused are the metrics that a difference accuses: all, or, when what the service counted is held against its log or its spans, these alone. Nobody
// knows then which of the two is wrong, and where a budget rests on the count there is an identity with the client.
func (i *Identity) accused() []string {
	metrics := i.Server.metrics()
	for _, m := range metrics {
		if !clientSeries(m) {
			return nil
		}
	}
	return metrics
}

// outside is the signed distance of the server's count from the interval that the client allows.
func outside(c Count) float64 {
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

// sentence says it the way a person would: "the client counted 1,600 answers with 200, the server 1,584".
func (i *Identity) sentence(series map[string]string, c Count) string {
	client := Quantity{Value: c.Client}.String()
	if c.Ambiguous > 0 {
		client += " to " + Quantity{Value: c.Client + c.Ambiguous}.String()
	}
	server := Quantity{Value: c.Server}.String()
	what, before := i.counted(series), ""
	if i.What == "" && len(series) > 0 {
		before = show(series) + ": "
	}
	if i.Other.IsZero() {
		return before + fmt.Sprintf("the client counted %s%s, the server %s", client, what, server)
	}
	return before + fmt.Sprintf("%s counted %s%s, %s %s", tellers(i.Other), client, what, tellers(i.Server), server)
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
