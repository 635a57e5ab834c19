package promql

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/facts"
)

// timed reports whether the budget is about times that lateness makes longer, the client's or the
// service's own, or about what is in flight or queued.
func (q Query) Timed() bool {
	return slices.ContainsFunc(q.Metrics(), func(m string) bool { return isTime(m) || IsQueue(m) })
}

// clients reports whether the budget is about the times that the client measured.
func (q Query) Clients() bool {
	return slices.ContainsFunc(q.Metrics(), func(m string) bool { return facts.OfClient(m) && isTime(m) })
}

// rated reports whether the budget is about a rate of its own: not inside a quantile or a mean, nor
// divided by another, where the time cancels.
func (q Query) Rated() bool {
	found := false
	parser.Inspect(q.Expr, func(node parser.Node, path []parser.Node) error {
		call, ok := node.(*parser.Call)
		if ok && isRate(call) && !slices.ContainsFunc(path, cancels) {
			found = true
		}
		return nil
	})
	return found
}

func isRate(call *parser.Call) bool {
	return slices.Contains([]string{"rate", "irate", "deriv"}, call.Func.Name)
}

// cancels reports whether a rate inside an expression is as good as an increase.
func cancels(node parser.Node) bool {
	switch n := node.(type) {
	case *parser.Call:
		return strings.HasPrefix(n.Func.Name, "histogram_") && n.Func.Name != "histogram_count" &&
			n.Func.Name != "histogram_sum"
	case *parser.BinaryExpr:
		return n.Op == parser.DIV && hasRate(n.LHS) && hasRate(n.RHS)
	}
	return false
}

func hasRate(expr parser.Expr) bool {
	found := false
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if call, ok := node.(*parser.Call); ok && isRate(call) {
			found = true
		}
		return nil
	})
	return found
}

// isTime reports whether a metric is of how long things took, by its name. How many things took
// their time is a count.
func isTime(metric string) bool {
	if facts.OfClient(metric) {
		return strings.HasPrefix(metric, "brrtload_latency_") || strings.HasPrefix(metric, "brrtload_service_")
	}
	has := func(part string) bool { return strings.Contains(metric, part) }
	count := strings.HasSuffix(metric, "_count") || strings.HasSuffix(metric, "_total")
	return !count && slices.ContainsFunc([]string{"seconds", "_ms", "millis", "micros", "duration", "latency"}, has) &&
		!slices.ContainsFunc([]string{"cpu", "start_time", "uptime", "timestamp", "created"}, has)
}

// isQueue reports whether a metric is of what is in flight or waits, by its name.
func IsQueue(metric string) bool {
	if facts.OfClient(metric) {
		return metric == "brrtload_in_flight"
	}
	has := func(part string) bool { return strings.Contains(metric, part) }
	return !strings.HasSuffix(metric, "_total") &&
		slices.ContainsFunc([]string{"in_flight", "inflight", "in_progress", "inprogress", "active", "queue", "pending",
			"backlog", "waiting", "busy", "concurren", "depth"}, has)
}

// shortened returns the expression with every quantile and mean of times that many seconds shorter,
// whatever is done with it outside: sums, other units, comparisons. It is empty when a metric of
// times, or of a queue, stands anywhere else.
func (q Query) Shortened(seconds float64) string {
	type place struct{ start, end int }
	var terms []place
	outside := false
	parser.Inspect(q.Expr, func(node parser.Node, path []parser.Node) error {
		if slices.ContainsFunc(path, isTimeTerm) {
			return nil
		}
		switch n := node.(type) {
		case *parser.VectorSelector:
			if m := MetricName(n); isTime(m) || IsQueue(m) || m == "" {
				outside = true
			}
		default:
			if node != nil && isTimeTerm(node) {
				r := node.PositionRange()
				terms = append(terms, place{int(r.Start), int(r.End)})
			}
		}
		return nil
	})
	if outside || len(terms) == 0 {
		return ""
	}
	text := q.Text.Value
	for _, t := range slices.Backward(terms) {
		term := text[t.start:t.end]
		text = text[:t.start] + "(" + term + " - " + strconv.FormatFloat(seconds*PerSecond(term), 'g', -1,
			64) + ")" + text[t.end:]
	}
	if _, err := PromQL.ParseExpr(text); err != nil {
		return ""
	}
	return text
}

// unit is the unit of a time below a second, as a whole word of a metric's name.
var unit = regexp.MustCompile(`(nano|micro|milli)s(?:econds?)?(?:_|\b)|_ms(?:_|\b)`)

// PerSecond returns how many units of times a second has, by the name of a metric or by a term that
// has one. A name without a unit is of seconds.
func PerSecond(name string) float64 {
	switch m := unit.FindStringSubmatch(name); {
	case m == nil:
		return 1
	case m[1] == "nano":
		return 1e9
	case m[1] == "micro":
		return 1e6
	}
	return 1e3
}

// isTimeTerm reports whether an expression is a quantile or a mean of times.
func isTimeTerm(node parser.Node) bool {
	switch n := node.(type) {
	case *parser.Call:
		return (strings.HasPrefix(n.Func.Name, "histogram_quantile") || n.Func.Name == "histogram_avg") && onlyTimes(n)
	case *parser.BinaryExpr:
		return n.Op == parser.DIV && reads(n.LHS, func(m string) bool { return isTime(m) && strings.HasSuffix(m, "_sum") }) &&
			reads(n.RHS, func(m string) bool { return strings.HasSuffix(m, "_count") })
	}
	return false
}

func onlyTimes(node parser.Node) bool { return reads(node, isTime) }

// reads reports whether all metrics that an expression reads, and at least one, are of a kind.
func reads(node parser.Node, kind func(metric string) bool) bool {
	some, all := false, true
	parser.Inspect(node, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			some, all = true, all && kind(MetricName(v))
		}
		return nil
	})
	return some && all
}
