package promql

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/parser/posrange"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// metric is what is known of a metric before it is asked for.
type metric struct {
	family string
	Labels map[string][]string // label to its values; nil when it can have any
	whole  bool                // the values listed are all that there can be
	open   bool                // it may have other labels, too
	native bool                // a histogram without _bucket, _count, _sum and le
	moment bool                // a value of the moment: a gauge
}

// vocabulary is the metrics that a query can read, by name.
type Vocabulary struct {
	Metrics map[string]metric
	partial bool // metrics of the service may be missing from it: nothing is known of those
}

// exposed returns the vocabulary of families, with the client's own series.
func VocabularyOf(families []facts.Family) Vocabulary {
	v := VocabularyOfClient(Client{})
	v.partial = false
	for _, f := range families {
		if facts.OfClient(f.Name) {
			continue
		}
		for _, name := range f.MetricNames() {
			m, known := v.Metrics[name]
			if !known {
				m = metric{family: f.Name, Labels: map[string][]string{}}
			}
			m.open = m.open || f.Series == 0 // HELP and TYPE alone: its labels come with its first series
			m.moment = f.Type == "gauge"
			m.Labels = mergedLabels(m.Labels, f.Labels)
			_, classic := f.Labels["le"]
			m.native = f.Type == "histogram" && f.Series > 0 && !classic
			v.Metrics[name] = m
		}
	}
	return v
}

func mergedLabels(a, b map[string][]string) map[string][]string {
	out := maps.Clone(a)
	for name, values := range b {
		both := slices.Concat(out[name], values)
		slices.Sort(both)
		out[name] = slices.Compact(both)
	}
	return out
}

// has reports whether a metric is known.
func (v Vocabulary) Has(name string) bool { _, known := v.Metrics[name]; return known }

// names lists the metrics, or those of the client alone, sorted.
func (v Vocabulary) Names(client bool) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(v.Metrics)) {
		if facts.OfClient(name) == client {
			names = append(names, name)
		}
	}
	return names
}

// misfit is a part of a query that cannot mean what it is meant to: nothing of that name is there.
type Misfit struct {
	Text   string
	Place  posrange.PositionRange
	Metric string
	Absent bool // the whole family is not exposed; it may come with its first use
}

// atTarget are labels that a scrape adds, and series that it adds: no exposition has them.
var atTarget = regexp.MustCompile(`^(endpoint|instance|job|up|scrape_.*)$`)

// misfits lists what of the query does not fit the vocabulary, in the order of the text. Parts that
// may be empty, as beside "or", are looked at only where the client's own series are read: what
// these are called is known.
func (q Query) Misfits(v Vocabulary) []Misfit {
	var found []Misfit
	if q.IsZero() {
		return nil
	}
	parser.Inspect(q.Expr, func(node parser.Node, path []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			if facts.OfClient(MetricName(n)) || !maybeEmpty(path, node) {
				found = append(found, v.selector(n)...)
			}
		case *parser.AggregateExpr:
			if labels, known := v.below(n.Expr); known && !n.Without && len(found) == 0 {
				for _, name := range n.Grouping {
					if _, there := labels[name]; !there && !atTarget.MatchString(name) {
						found = append(found, Misfit{Text: v.noLabel(metricsIn(n.Expr), name, labels),
							Place: n.PositionRange()})
					}
				}
			}
		case *parser.Call:
			if n.Func.Name != "label_replace" || len(n.Args) < 4 {
				break
			}
			labels, known := v.below(n.Args[0])
			if name := text(n.Args[3]); known && name != "" {
				if _, there := labels[name]; !there && !atTarget.MatchString(name) {
					found = append(found, Misfit{Text: v.noLabel(metricsIn(n.Args[0]), name, labels),
						Place: n.Args[3].PositionRange()})
				}
			}
		}
		return nil
	})
	return found
}

func text(e parser.Expr) string {
	if s, ok := e.(*parser.StringLiteral); ok {
		return s.Val
	}
	return ""
}

// metricsIn names the metrics that a part of a query reads.
func metricsIn(e parser.Expr) string {
	var names []string
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok && MetricName(s) != "" && !slices.Contains(names, MetricName(s)) {
			names = append(names, MetricName(s))
		}
		return nil
	})
	return strings.Join(names, ", ")
}

// labelsOf returns the labels that the answer of a query can have, and false when not all of them
// are known.
func (v Vocabulary) LabelsOf(q Query) (map[string][]string, bool) { return v.below(q.Expr) }

// below returns the labels that what is inside an expression can have, and false when not all of
// them are known.
func (v Vocabulary) below(e parser.Expr) (map[string][]string, bool) {
	found, known, any := map[string][]string{}, true, false
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			m, ok := v.Metrics[MetricName(n)]
			known, any = known && ok && !m.open, true
			for name, values := range m.Labels {
				found[name] = values
			}
		case *parser.Call:
			if strings.HasPrefix(n.Func.Name, "label_") && len(n.Args) > 1 {
				found[text(n.Args[1])] = nil
			}
		case *parser.AggregateExpr:
			if n.Op == parser.COUNT_VALUES {
				found[text(n.Param)] = nil
			}
		}
		return nil
	})
	return found, known && any
}

// noLabel reports that a metric has no such label, and which it has.
func (v Vocabulary) noLabel(metrics, name string, has map[string][]string) string {
	if m, ok := v.Metrics[metrics]; ok && m.native && name == "le" {
		return m.isNative()
	}
	names := slices.Sorted(maps.Keys(has))
	said := fmt.Sprintf("%s has no label %s", metrics, name)
	switch near, ok := diag.Nearest(name, names); {
	case ok:
		return said + fmt.Sprintf("; did you mean %q?", near)
	case len(names) == 0:
		return said + "; it has no labels"
	default:
		return said + "; it has " + strings.Join(names, ", ")
	}
}

func (m metric) isNative() string {
	return fmt.Sprintf("%[1]s is a native histogram: it has no _bucket, _count, _sum and no le; "+
		"write histogram_quantile(0.99, sum(increase(%[1]s[range()] anchored))), histogram_count(...) or histogram_sum(...)", m.family)
}

// selector lists what of a selector does not fit.
func (v Vocabulary) selector(s *parser.VectorSelector) []Misfit {
	name := MetricName(s)
	if name == "" || atTarget.MatchString(name) {
		return nil
	}
	place := posrange.PositionRange{Start: s.PosRange.Start, End: s.PosRange.Start + posrange.Pos(len(name))}
	if s.Name == "" {
		place = s.PosRange
	}
	m, known := v.Metrics[name]
	if base := facts.FamilyOf(name); !known || m.native && base != name {
		if h, ok := v.Metrics[base]; ok && h.native && base != name {
			if facts.OfClient(name) || strings.HasSuffix(name, "_bucket") {
				return []Misfit{{Text: h.isNative(), Place: place, Metric: name}}
			}
			return nil // a native histogram of the service may have been given classic series, too
		}
	}
	if !known {
		if facts.OfClient(name) {
			return []Misfit{{Text: fmt.Sprintf("brrtload has no series %q%s", name,
				diag.DidYouMean(name, v.Names(true))), Place: place, Metric: name}}
		}
		if v.partial {
			return nil
		}
		return []Misfit{{Text: fmt.Sprintf("%s is not exposed%s", name, diag.DidYouMean(name, v.Names(false))),
			Place: place, Metric: name, Absent: true}}
	}
	var found []Misfit
	for _, m2 := range s.LabelMatchers {
		if m2.Name == model.MetricNameLabel || atTarget.MatchString(m2.Name) {
			continue
		}
		if text := v.matcher(name, m, m2); text != "" {
			found = append(found, Misfit{Text: text, Place: s.PosRange, Metric: name})
		}
	}
	return found
}

// matcher reports why a matcher does not fit the metric; nothing when it does, or may.
func (v Vocabulary) matcher(name string, m metric, on *labels.Matcher) string {
	values, has := m.Labels[on.Name]
	if !has {
		asksWhether := on.Matches("") || on.Type == labels.MatchNotEqual && on.Value == "" ||
			on.Type == labels.MatchRegexp && on.Matches("\x00")
		negative := on.Type == labels.MatchNotEqual && on.Value != "" || on.Type == labels.MatchNotRegexp
		if m.open || asksWhether && !negative {
			return ""
		}
		return v.noLabel(name, on.Name, m.Labels)
	}
	if values == nil || len(values) >= facts.MaxLabelValues && !m.whole {
		return ""
	}
	named := on // what it names, and takes or leaves out
	if m.whole && (on.Type == labels.MatchNotEqual || on.Type == labels.MatchNotRegexp) {
		if inverse, err := on.Inverse(); err == nil {
			named = inverse
		}
	}
	if named.Matches("") || slices.ContainsFunc(values, named.Matches) || named.Type == labels.MatchNotEqual ||
		named.Type == labels.MatchNotRegexp {
		return ""
	}
	said := fmt.Sprintf("%s has no %s", name, named)
	switch d := DomainOf(values); {
	case m.whole:
		return said + among(named.Value, values)
	case d.Known() && !slices.ContainsFunc(d.all(), named.Matches):
		return said + fmt.Sprintf("; its values are %s such as %q", d, values[0])
	case named.Type == labels.MatchEqual && slip(named.Value, values) != "":
		return said + fmt.Sprintf("; did you mean %q?", slip(named.Value, values))
	}
	return ""
}

// among names the nearest of the values, or a few of them.
func among(value string, values []string) string {
	if near := diag.DidYouMean(value, values); near != "" {
		return near
	}
	const shown = 8
	if len(values) > shown {
		return fmt.Sprintf("; there are %s and %d more", strings.Join(values[:shown], ", "), len(values)-shown)
	}
	return "; there are " + strings.Join(values, ", ")
}

// slip returns the value that another differs from in one letter, or in capitals. Digits are no
// letters: 503 is no slip of 500.
func slip(value string, values []string) string {
	if i := slices.IndexFunc(values, func(v string) bool { return strings.EqualFold(v, value) }); i >= 0 {
		return values[i]
	}
	const tooShort = 5
	near, ok := diag.Nearest(value, values)
	if !ok || len(value) < tooShort || near == value || distance(value, near) > 1 ||
		digitless.ReplaceAllString(value, "") == digitless.ReplaceAllString(near, "") {
		return ""
	}
	return near
}

var digitless = regexp.MustCompile(`\d+`)

// domain is a kind of value that all values of a label are of.
type domain string

const (
	Codes   domain = "status codes"
	classes domain = "classes of status codes"
)

var (
	code  = regexp.MustCompile(`^[1-5]\d\d$`)
	class = regexp.MustCompile(`^[1-5](xx|XX)$`)
)

// domainOf returns what kind of values they are; empty when they are of no kind that is known.
func DomainOf(values []string) domain {
	other := func(kind *regexp.Regexp) bool {
		return len(values) == 0 || slices.ContainsFunc(values, func(v string) bool { return v != "" && !kind.MatchString(v) })
	}
	switch {
	case !other(code):
		return Codes
	case !other(class):
		return classes
	}
	return ""
}

func (d domain) Known() bool { return d != "" }

// all lists the values that a label of the kind may have.
func (d domain) all() []string {
	var out []string
	for hundred := 1; hundred <= 5; hundred++ {
		if d == classes {
			out = append(out, fmt.Sprintf("%dxx", hundred), fmt.Sprintf("%dXX", hundred))
			continue
		}
		for n := range 100 {
			out = append(out, fmt.Sprint(100*hundred+n))
		}
	}
	return out
}
