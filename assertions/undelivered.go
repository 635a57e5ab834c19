package assertions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

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
	case !b.needsDelivery(), c.Verdict == Error, c.Verdict == DoesNotFit, delivered && known && late == 0:
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
