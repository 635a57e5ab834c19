// Package instrumented knows what a service's instrumentation counts and times, and asserts it.
//
// In goes the name of an instrumentation, or of its metrics; out come an identity, budgets and an
// agreement, as a person would write them.
package instrumented

import (
	"regexp"
	"strconv"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/assertions/identities"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/profile"
	"brrtload/internal/quantity"
)

// MetricsOf is how a service counts its requests: the name of a profile, or the metrics themselves,
// or a profile and what differs from it. It stands for an identity of the counts, budgets on errors
// and times, and the agreement of the service's times with the client's.
type MetricsOf struct {
	At         diag.Position     `yaml:",position"`
	Profile    diag.Text         `yaml:"profile"`     // name of an instrumentation; docs/assertions/metrics-of.md lists them
	Counter    diag.Text         `yaml:"counter"`     // metric that counts requests, such as http_requests_total
	Status     diag.Text         `yaml:"status"`      // its label of the status; without one only the total is compared
	Form       profile.Form      `yaml:"form"`        // how the label shows a status: codes (200, by default), classes (2xx), CLASSES (2XX) or digits (2)
	Histogram  diag.Text         `yaml:"histogram"`   // family that times requests, such as http_request_duration_seconds
	Summary    *bool             `yaml:"summary"`     // true: the family has no buckets, so its mean is limited
	Unit       profile.Unit      `yaml:"unit"`        // of its times: s, by default, or ms
	Without    diag.Text         `yaml:"without"`     // matchers that leave out scrapes and other listeners: 'handler!="/metrics"'
	PerScrape  *bool             `yaml:"per_scrape"`  // true: each scrape is counted and no label leaves it out, so scrapes are subtracted
	NotCounted []diag.Text       `yaml:"not_counted"` // names of requests that the service does not count: unmatched paths, HEAD
	Errors     assertions.Limits `yaml:"errors"`      // limit of the share of 5xx; "< 1%" by default
	P99        assertions.Limits `yaml:"p99"`         // limit of the p99 of the service's own times, or of their mean; "< 500ms" by default

	counts profile.Counts
	text   diag.Text
}

// UnmarshalNode implements diag.Unmarshaler.
func (m *MetricsOf) UnmarshalNode(n diag.Node) error {
	type fields MetricsOf
	f := fields{Errors: assertions.Limits{{Operator: "<", Quantity: quantity.Of(0.01, "ratio")}},
		P99: assertions.Limits{{Operator: "<", Quantity: quantity.Of(0.5, "s")}}}
	if n.IsScalar() {
		if err := n.Decode(&f.Profile); err != nil {
			return err
		}
		f.At, f.text = n.Position(), f.Profile
	} else if err := n.Decode(&f); err != nil {
		return err
	}
	*m = MetricsOf(f)
	return m.resolve(n)
}

// resolve puts what is written over what the profile says, and checks it.
func (m *MetricsOf) resolve(n diag.Node) error {
	if m.Profile.Value != "" {
		p, err := profile.Get(m.Profile.Value)
		if err != nil {
			return m.Profile.Errorf("%s", err)
		}
		m.counts, m.text = p.Counts, m.Profile
	}
	var found diag.List
	for _, part := range []struct {
		text diag.Text
		into *string
		what string
	}{{m.Counter, &m.counts.Counter, "metric"}, {m.Status, &m.counts.Status, "label"},
		{m.Histogram, &m.counts.Histogram, "family"}} {
		switch {
		case part.text.Value == "":
		case !promql.IsName(part.text.Value):
			found = append(found, part.text.Errorf("want the name of a %s", part.what))
		default:
			*part.into, m.text = part.text.Value, part.text
		}
	}
	if m.Form != "" {
		m.counts.Form = m.Form
	}
	if m.Unit != "" {
		m.counts.Unit = m.Unit
	}
	if m.Summary != nil {
		m.counts.Summary = *m.Summary
	}
	if m.PerScrape != nil {
		m.counts.PerScrape = *m.PerScrape
	}
	if m.Without.Value != "" {
		m.counts.Without = m.Without.Value
		if _, err := promql.PromQL.ParseExpr("up{" + m.Without.Value + "}"); err != nil {
			found = append(found, m.Without.Errorf(`want matchers of labels, like handler!="/metrics"`))
		}
	}
	if m.counts.Counter == "" && len(found) == 0 {
		found = append(found, n.Errorf(`want "profile" or "counter": which metric counts requests`))
	}
	for _, limits := range []struct {
		of   assertions.Limits
		unit string
		want string
	}{{m.Errors, "ratio", "errors: want a share, like < 1%"}, {m.P99, "s", "p99: want a time, like < 500ms"}} {
		for _, l := range limits.of {
			if l.Unit != limits.unit {
				found = append(found, n.Errorf("%s", limits.want))
			}
		}
	}
	return found.Err()
}

// assertions returns what the metrics are held to.
func (m *MetricsOf) Assertions() []assertions.Assertion {
	if m == nil || m.counts.Counter == "" {
		return nil
	}
	list := []assertions.Assertion{m.identity()}
	if m.counts.Status != "" {
		list = append(list, m.errorBudget())
	}
	if m.counts.Histogram == "" {
		return list
	}
	list = append(list, m.timeBudget())
	if !m.counts.Summary && m.counts.Unit != profile.Milliseconds {
		list = append(list, m.within())
	}
	return list
}

func (m *MetricsOf) query(expr string) promql.Query {
	q := promql.Query{Text: m.text.With(expr)}
	if err := q.Parse(); err != nil {
		panic("assertions: metrics_of: " + err.Error()) // its parts were checked
	}
	return q
}

// of returns a selector of one of the metrics, without what is no request.
func (m *MetricsOf) of(metric string, also ...string) string {
	if m.counts.Without != "" {
		also = append(also, m.counts.Without)
	}
	return promql.SelectorOf(metric, also...)
}

// hits returns the client's hits of an outcome that the service counts.
func (m *MetricsOf) hits(outcome string) string {
	return "increase(" + promql.SelectorOf(
		"brrtload_hits_total",
		append([]string{`outcome="` + outcome + `"`}, m.counted()...)...) + "[range()] anchored)"
}

// counted returns the matcher that leaves out the requests that the service does not count.
func (m *MetricsOf) counted() []string {
	if len(m.NotCounted) == 0 {
		return nil
	}
	var names []string
	for _, name := range m.NotCounted {
		names = append(names, regexp.QuoteMeta(name.Value))
	}
	return []string{"request!~" + strconv.Quote(strings.Join(names, "|"))}
}

func (m *MetricsOf) identity() *identities.Identity {
	label := promql.LabelIn(m.counts.Status)
	group, what := "sum", "answers"
	side := func(expr string) string { return "sum(" + expr + ")" }
	if m.counts.Status != "" {
		group, what = "sum by ("+label+") ", "answers with {"+m.counts.Status+"}"
		side = func(expr string) string {
			replacement, pattern := m.counts.Form.Replacement()
			if pattern != "(.*)" || m.counts.Status != "status" {
				expr = "label_replace(" + expr + ", " + strconv.Quote(
					m.counts.Status,
				) + ", " + strconv.Quote(
					replacement,
				) + `, "status", ` + strconv.Quote(
					pattern,
				) + ")"
			}
			return group + "(" + expr + ")"
		}
	}
	server := group + "(increase(" + m.of(m.counts.Counter) + "[range()] anchored))"
	if m.counts.PerScrape {
		server += ` - sum(increase(brrtload_scrapes_total{endpoint="target"}[range()] anchored))`
	}
	return &identities.Identity{
		At:     m.At,
		ID:     "requests-counted",
		Client: m.query(side(m.hits("answered"))),
		Server: m.query(server),
		Ambiguous: m.query(
			side(m.hits("cut")) + " or sum(" + m.hits("ambiguous") + ")",
		),
		What:     what,
		In:       facts.Run,
		Severity: assertions.Failing,
		Why:      "the client knows what it sent, and " + m.counts.Counter + " must have counted the same",
	}
}

func (m *MetricsOf) errorBudget() *checks.Budget {
	failed := m.counts.Form.Failed(promql.LabelIn(m.counts.Status))
	expr := "sum(increase(" + m.of(
		m.counts.Counter,
		failed,
	) + "[range()] anchored)) / sum(increase(" + m.of(
		m.counts.Counter,
	) + "[range()] anchored))"
	return &checks.Budget{
		At:        m.At,
		ID:        "server-errors",
		Expr:      m.query(expr),
		Must:      m.Errors,
		In:        diag.Text{Value: facts.Steady},
		OnMissing: assertions.ZeroWhenMissing,
		Severity:  assertions.Failing,
		Why:       "the service's own error ratio, as an alert would read it",
	}
}

func (m *MetricsOf) timeBudget() *checks.Budget {
	id, why := "service-p99", "99 % of the service's own times"
	expr := "histogram_quantile(0.99, sum by (le) (increase(" + m.of(
		m.counts.Histogram+"_bucket",
	) + "[range()] anchored)))"
	if m.counts.Summary {
		id, why = "service-mean", "the mean of the service's own times: a summary without buckets has no quantile that can be added up"
		expr = "sum(increase(" + m.of(
			m.counts.Histogram+"_sum",
		) + "[range()] anchored)) / sum(increase(" + m.of(
			m.counts.Histogram+"_count",
		) + "[range()] anchored))"
	}
	if m.counts.Unit == profile.Milliseconds {
		expr += " / 1000"
	}
	return &checks.Budget{
		At:       m.At,
		ID:       id,
		Expr:     m.query(expr),
		Must:     m.P99,
		In:       diag.Text{Value: facts.Steady},
		Severity: assertions.Failing,
		Why:      why,
	}
}

func (m *MetricsOf) within() *checks.Agreement {
	w := &checks.Within{
		Inner: promql.Histogram{Query: m.query(m.of(m.counts.Histogram))},
		Outer: promql.Histogram{Query: m.query(promql.SelectorOf("brrtload_service_seconds", m.counted()...))},
	}
	return checks.Formed(checks.Agreement{
		At:       m.At,
		ID:       "service-within",
		Within:   w,
		Severity: assertions.Failing,
		Why:      "the service's own time of a request is a part of what the client measured",
	})
}
