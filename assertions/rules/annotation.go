package rules

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"

	"brrtload/internal/facts"
)

// annotation returns the text that says what the alert is about: its summary, or else its
// description.
func (a *Alert) annotation() string {
	return cmp.Or(a.Annotations["summary"], a.Annotations["description"])
}

// templated reports whether the annotation has places to fill in.
func (a *Alert) templated() bool { return strings.Contains(a.annotation(), "{{") }

// definitions begin every template of an annotation, as they do in Prometheus.
const definitions = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

// expand returns the annotation for one series of the alert, as Prometheus would send it.
func (a *Alert) expand(ctx context.Context, e facts.Evidence, w facts.Window, s facts.Series) string {
	ask := func(ctx context.Context, expr string, _ time.Time) (promql.Vector, error) {
		answer, err := e.Query(ctx, expr, w)
		var found promql.Vector
		for _, s := range answer.Series {
			found = append(found, promql.Sample{Metric: labels.FromMap(s.Labels), F: s.Value, T: w.End.UnixMilli()})
		}
		return found, err
	}
	sample := promql.Sample{Metric: labels.FromMap(s.Labels), F: s.Value}
	data := template.AlertTemplateData(s.Labels, nil, "", sample)
	expander := template.NewTemplateExpander(ctx, definitions+a.annotation(), "annotation of "+a.Alert, data,
		model.TimeFromUnixNano(w.End.UnixNano()),
		ask, &url.URL{}, nil)
	text, err := expander.Expand()
	if err != nil {
		return fmt.Sprintf("%s (its template fails: %s)", a.annotation(), err)
	}
	return text
}

// summaries returns the expanded annotation of every series for which the expression had a value,
// by its labels.
func (a *Alert) summaries(ctx context.Context, e facts.Evidence, w facts.Window) (map[facts.LabelSet]string, error) {
	if !a.templated() {
		return nil, nil
	}
	last, err := e.Query(ctx, fmt.Sprintf("last_over_time((%s)[range():%s])", a.seen, model.Duration(evaluation)), w)
	if err != nil {
		return nil, err
	}
	texts := map[facts.LabelSet]string{}
	for _, s := range last.Series {
		texts[facts.KeyOf(s.Labels)] = a.expand(ctx, e, w, s)
	}
	return texts, nil
}
