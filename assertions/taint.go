package assertions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// taint overrules the verdicts of budgets and rules that rest on a metric which another check found untruthful: neither a pass nor a failure
// measured with it means anything. A warning changes no verdict, and so accuses nothing. The client's own series are the ground truth and are never accused.
func taint(checks []Check) {
	accused := map[string]string{} // family to the id of the first check that accuses it
	for _, c := range checks {
		for _, f := range c.Findings {
			if f.Verdict != Untruthful || c.Severity == Warning {
				continue
			}
			metrics := f.Metrics
			if len(metrics) == 0 {
				metrics = c.Metrics
			}
			for _, m := range metrics {
				if _, known := accused[family(m)]; !known && !clientSeries(m) {
					accused[family(m)] = c.ID
				}
			}
		}
	}
	for i, c := range checks {
		if !overrulable(c) || c.Verdict == Untruthful {
			continue
		}
		for _, m := range c.Metrics {
			if by, ok := accused[family(m)]; ok {
				checks[i].Verdict = Untruthful
				checks[i].Reason = fmt.Sprintf("rests on %s, which %s found untruthful; by itself: %s, %s", m, by, c.Verdict, c.Reason)
				break
			}
		}
	}
}

// overrulable tells whether a check's verdict is drawn from telemetry rather than about telemetry.
func overrulable(c Check) bool {
	return (c.Kind == "budget" || c.Kind == "rules") && c.Verdict != Error
}

// suspendUndelivered makes the verdicts inconclusive that would speak of the generator when the load was not delivered as planned. The
// checks are those of the list, with the delivery check before them.
func suspendUndelivered(checks []Check, list []Assertion) {
	for i, a := range list {
		c := &checks[i+1]
		if b, ok := a.(*Budget); ok && !b.stands(*c, checks[0]) {
			c.Reason = fmt.Sprintf("the load was not delivered as planned (%s); by itself: %s, %s", checks[0].Reason, c.Verdict, c.Reason)
			c.Verdict = Inconclusive
		}
	}
}

// stands tells whether what a budget found holds good with a load that was delivered like this.
func (b *Budget) stands(c, delivery Check) bool {
	late, known := lateness(delivery)
	delivered := delivery.Verdict == Pass
	switch {
	case !b.needsDelivery(), c.Verdict == Error, delivered && known && late == 0:
		return true
	case c.Verdict == Fail: // under less than the plan, perhaps, and by more than the generator's lateness
		return known && b.exceeds(late, c.Findings)
	default:
		return delivered
	}
}

// needsDelivery tells whether the budget is about client latency or a rate.
func (b *Budget) needsDelivery() bool {
	return b.Expr.calls("rate", "irate", "deriv") || slices.ContainsFunc(b.Expr.metrics(), func(m string) bool {
		return strings.HasPrefix(m, "brrtload_latency_") || strings.HasPrefix(m, "brrtload_service_")
	})
}

// exceeds tells whether an upper limit of latency is exceeded still when all that was measured is so many seconds less.
func (b *Budget) exceeds(late float64, findings []Finding) bool {
	return b.boundsLatency() && slices.ContainsFunc(findings, func(f Finding) bool {
		return f.Measured != nil && b.Must.judge(*f.Measured-late).Verdict == Fail
	})
}

// boundsLatency tells whether the budget is nothing but an upper limit of a quantile of the client's latency, which more load cannot bring down.
func (b *Budget) boundsLatency() bool {
	expr := b.Expr.expr
	for {
		inner, ok := expr.(*parser.ParenExpr)
		if !ok {
			break
		}
		expr = inner.Expr
	}
	call, ok := expr.(*parser.Call)
	return ok && call.Func.Name == "histogram_quantile" && !b.Expr.calls("rate", "irate", "deriv") &&
		!slices.ContainsFunc(b.Expr.metrics(), func(m string) bool {
			return m != "brrtload_latency_seconds" && m != "brrtload_service_seconds"
		}) &&
		!slices.ContainsFunc(b.Must, func(l Limit) bool { return l.Operator[0] != '<' })
}

func clientSeries(metric string) bool { return strings.HasPrefix(metric, "brrtload_") }

// family gives the name that a histogram's series share.
func family(metric string) string {
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		if name, ok := strings.CutSuffix(metric, suffix); ok {
			return name
		}
	}
	return metric
}
