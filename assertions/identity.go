package assertions

import (
	"context"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"brrtload/internal/diag"
)

// Identity is two exact counts over the whole run that must be equal: what the client knows it did, and what the service says; or two counts of
// the service, Other and Server, that count the same. Label sets are those of the results; one that is on one side only counts as 0 on the other.
type Identity struct {
	At     diag.Position `yaml:",position"`
	ID     string        `yaml:"id,required"`
	Client Query         `yaml:"client"`          // PromQL: what the client counted
	Other  Query         `yaml:"other"`           // instead of Client
	Server Query         `yaml:"server,required"` // PromQL: what the service counted
	// Ambiguous is what may or may not have been counted: the server's count must lie in [client, client + ambiguous]. A series of it with
	// fewer labels widens the interval of every label set that it fits.
	Ambiguous Query `yaml:"ambiguous"`
	// Doubt makes a difference inconclusive when it is above 0: log lines or spans that were dropped on the way here.
	Doubt Query `yaml:"doubt"`
	// What names the counted things in findings, with labels in braces: "answers with {status}".
	What     string   `yaml:"what"`
	In       string   `yaml:"in"` // always run
	Severity Severity `yaml:"severity"`
	Why      string   `yaml:"why"`

	sameGrouping bool // known, where the queries do not show it
}

// UnmarshalNode implements diag.Unmarshaler.
func (i *Identity) UnmarshalNode(n diag.Node) error {
	type fields Identity
	f := fields{In: Run, Severity: Failing}
	err := n.Decode(&f)
	*i = Identity(f)
	if err != nil {
		return err
	}
	var found diag.List
	if i.In != Run {
		found = append(found, n.Errorf("an identity covers the whole run: a hit that straddles the edge of %q would be counted on one side only", i.In))
	}
	if i.Client.IsZero() == i.Other.IsZero() {
		found = append(found, n.Errorf(`want either "client" or "other"`))
	}
	for _, q := range []Query{i.Client, i.Other, i.Server, i.Ambiguous} {
		if d, ok := q.substitutes("what one side lacks counts as 0 already"); ok {
			found = append(found, d)
		}
		found = append(found, q.inexact()...)
	}
	return found.Err()
}

// About implements Assertion.
func (i *Identity) About() About {
	return About{ID: i.ID, Kind: "identity", Why: i.Why, Severity: i.Severity, Window: Run, Query: i.Server.String(),
		Position: i.At, Metrics: slices.Concat(i.Server.metrics(), i.Other.metrics())}
}

// reference is the side that the server's count is held against.
func (i *Identity) reference() Query {
	if i.Other.IsZero() {
		return i.Client
	}
	return i.Other
}

// Judge implements Assertion.
func (i *Identity) Judge(ctx context.Context, e Evidence) ([]Finding, error) {
	w, ok := e.Window(Run)
	if !ok {
		return []Finding{noWindow(Run)}, nil
	}
	if missing, err := i.unknown(ctx, e, w); err != nil || len(missing) > 0 {
		return missing, err
	}
	sides, err := i.ask(ctx, e, w)
	if err != nil {
		return nil, err
	}
	findings := append(i.compare(sides.counts()), warned(sides.client, sides.server, sides.ambiguous)...)
	went, err := decreased(ctx, e, w, i.Server)
	if err != nil {
		return nil, err
	}
	if err := doubt(ctx, e, w, i.Doubt, findings); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(went, func(f Finding) bool { return f.Verdict == Inconclusive }) {
		excuse(findings)
	}
	return bounded(append(findings, went...)), nil
}

// excuse makes inconclusive what a restart explains: that the service is short of counts. That it has too many it does not.
func excuse(findings []Finding) {
	for n, f := range findings {
		if f.Verdict == Untruthful && f.Count.Difference < 0 {
			findings[n].Verdict = Inconclusive
			findings[n].Text += "; so much may be what it had counted before it restarted"
		}
	}
}

// doubt makes findings inconclusive when what they were made from did not all arrive: what the query counts is above 0.
func doubt(ctx context.Context, e Evidence, w Window, q Query, findings []Finding) error {
	if q.IsZero() {
		return nil
	}
	lost, known, err := single(ctx, e, w, q)
	if err != nil || !known || lost <= 0 {
		return err
	}
	for n, f := range findings {
		if f.Verdict == Untruthful {
			findings[n].Verdict = Inconclusive
			findings[n].Text += fmt.Sprintf("; %s were dropped before they could be counted", Quantity{Value: lost})
		}
	}
	return nil
}

// unknown gives a finding for every metric of either side that the run does not have at all: there is no 0 to compare with.
func (i *Identity) unknown(ctx context.Context, e Evidence, w Window) ([]Finding, error) {
	var findings []Finding
	for _, q := range []Query{i.Server, i.reference()} {
		for _, metric := range q.metrics() {
			there, err := present(ctx, e, w, metric)
			if err != nil {
				return nil, err
			}
			if !there {
				text := selector{metric: metric, text: metric}.absence(e, w)
				if why := notTaken(metric); why != "" {
					text = why
				}
				side := Untruthful
				if clientSeries(metric) {
					side = Inconclusive
				}
				findings = append(findings, Finding{Verdict: side, Text: text + ": nothing to reconcile with", Metrics: []string{metric}})
			}
		}
	}
	return findings, nil
}

// counted is one label set on both sides.
type counted struct {
	series map[string]string
	Count
}

// sides are the answers of an identity's three queries.
type sides struct{ client, server, ambiguous Answer }

func (i *Identity) ask(ctx context.Context, e Evidence, w Window) (s sides, err error) {
	if s.client, err = e.Query(ctx, i.reference().String(), w); err != nil {
		return s, err
	}
	if s.server, err = e.Query(ctx, i.Server.String(), w); err != nil {
		return s, err
	}
	if !i.Ambiguous.IsZero() {
		if s.ambiguous, err = e.Query(ctx, i.Ambiguous.String(), w); err != nil {
			return s, err
		}
	}
	if i.sameGrouping || sameGrouping(i.reference(), i.Server) {
		return s, nil // labels that differ all the same are the telemetry's doing, and a difference in the counts
	}
	return s, sameLabels(s.client, s.server)
}

// sameGrouping tells whether both sides are aggregated by the same labels.
func sameGrouping(client, server Query) bool {
	c, known := client.grouping()
	s, both := server.grouping()
	return known && both && slices.Equal(c, s)
}

// counts brings the sides together by label set.
func (s sides) counts() []counted {
	sets := map[labelSet]*counted{}
	at := func(series map[string]string) *counted {
		key := keyOf(series)
		if sets[key] == nil {
			sets[key] = &counted{series: withoutName(series)}
		}
		return sets[key]
	}
	for _, one := range s.client.Series {
		at(one.Labels).Client += one.Value
	}
	for _, one := range s.server.Series {
		at(one.Labels).Server += one.Value
	}
	out := make([]counted, 0, len(sets)+1)
	for _, key := range slices.Sorted(maps.Keys(sets)) {
		c := sets[key]
		if c.Client == 0 && c.Server == 0 && len(sets) > 1 {
			continue // a label set initialised to 0 and never used says nothing
		}
		c.Ambiguous = widening(s.ambiguous, c.series)
		out = append(out, *c)
	}
	if len(out) == 0 {
		out = append(out, counted{}) // there was nothing to count, and nothing was counted
	}
	return withTotal(out, s.ambiguous)
}

// sameLabels refuses sides that could never meet: one by status, say, and the other by code.
func sameLabels(client, server Answer) error {
	c, s := names(client), names(server)
	if len(client.Series) > 0 && len(server.Series) > 0 && !slices.Equal(c, s) {
		return fmt.Errorf("the client side has the labels (%s) and the server side (%s); aggregate both by the same", strings.Join(c, ", "), strings.Join(s, ", "))
	}
	return nil
}

func names(a Answer) []string {
	all := map[string]bool{}
	for _, s := range a.Series {
		for name, value := range s.Labels {
			all[name] = all[name] || name != "__name__" && value != ""
		}
	}
	maps.DeleteFunc(all, func(_ string, used bool) bool { return !used })
	return slices.Sorted(maps.Keys(all))
}

// widening sums what may belong to a label set: every ambiguous series all of whose labels the set has.
func widening(ambiguous Answer, series map[string]string) float64 {
	sum := 0.0
	for _, s := range ambiguous.Series {
		fits := true
		for name, value := range s.Labels {
			fits = fits && (name == "__name__" || value == "" || series[name] == value)
		}
		if fits {
			sum += s.Value
		}
	}
	return sum
}

// withTotal adds the sum over all label sets when one ambiguous hit could widen several of them, but be counted in one only.
func withTotal(counts []counted, ambiguous Answer) []counted {
	if len(counts) < 2 {
		return counts
	}
	total := counted{}
	widened := 0.0
	for _, s := range ambiguous.Series {
		total.Ambiguous += s.Value
	}
	for _, c := range counts {
		total.Client += c.Client
		total.Server += c.Server
		widened += c.Ambiguous
	}
	if widened == total.Ambiguous {
		return counts
	}
	return append(counts, total)
}

func (i *Identity) compare(counts []counted) []Finding {
	findings := make([]Finding, 0, len(counts))
	for _, c := range counts {
		count := c.Count
		count.Difference = count.outside()
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
func (c Count) outside() float64 {
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

var label = regexp.MustCompile(`\{(\w+)\}`)

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
