package assertions

import (
	"fmt"
	"math"
	"strings"

	"brrtload/internal/diag"
	"brrtload/internal/quantity"
)

// Limit is a comparison that a measured value must satisfy.
type Limit struct {
	Operator string // <, <=, >, >=, == or !=
	quantity.Quantity
}

// Limits are one or two comparisons that must all hold: `"< 64"`, or `[">= 1", "< 64"]`.
type Limits []Limit

var operators = []string{"<=", ">=", "==", "!=", "<", ">"} // the longer first

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Limit) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	for _, op := range operators {
		if rest, ok := strings.CutPrefix(s, op); ok {
			q, err := quantity.Parse(strings.TrimSpace(rest))
			*l = Limit{op, q}
			return err
		}
	}
	return fmt.Errorf("want a comparison (<, <=, >, >=, ==, !=) and a number, like \"< 250ms\", got %q", s)
}

// UnmarshalNode implements diag.Unmarshaler.
func (l *Limits) UnmarshalNode(n diag.Node) error {
	if !n.IsSequence() {
		var one Limit
		err := n.Decode(&one)
		*l = Limits{one}
		return err
	}
	var list []Limit
	if err := n.Decode(&list); err != nil {
		return err
	}
	if len(list) < 1 || len(list) > 2 {
		return n.Errorf("want one or two comparisons, got %d", len(list))
	}
	if len(list) == 2 && list[0].Unit != list[1].Unit {
		return n.Errorf("the two comparisons have different units")
	}
	*l = list
	return nil
}

// String returns the comparison as a person reads it.
func (l Limit) String() string { return l.Operator + " " + l.Quantity.String() }

// Holds reports whether a value satisfies the limit. NaN satisfies none.
func (l Limit) Holds(value float64) bool {
	switch l.Operator {
	case "<":
		return value < l.Value
	case "<=":
		return value <= l.Value
	case ">":
		return value > l.Value
	case ">=":
		return value >= l.Value
	case "==":
		return value == l.Value
	default:
		return value != l.Value && !math.IsNaN(value)
	}
}

// Margin is the room left as a share of the limit, negative when it is breached. It is nil for a
// limit of 0 and for == and !=.
func (l Limit) Margin(value float64) *float64 {
	if l.Value == 0 || math.IsInf(value, 0) {
		return nil
	}
	var room float64
	switch l.Operator[0] {
	case '<':
		room = l.Value - value
	case '>':
		room = value - l.Value
	default:
		return nil
	}
	margin := room / math.Abs(l.Value)
	return &margin
}

// Compare returns the finding for one value: of two limits, it shows the one that is breached or
// nearest.
func (l Limits) Compare(value float64) Finding {
	var worst Finding
	for i, limit := range l {
		f := Finding{Measured: &value, Operator: limit.Operator, Limit: &l[i].Value, Unit: limit.Unit,
			Margin: limit.Margin(value)}
		if !limit.Holds(value) {
			f.Verdict = Fail
		}
		if i == 0 || f.Verdict > worst.Verdict || f.Verdict == worst.Verdict && tighter(f, worst) {
			measured, must := quantity.Pair(value, limit.Value, limit.Unit)
			f.Text = fmt.Sprintf("%s, must be %s %s", measured, limit.Operator, must)
			worst = f
		}
	}
	return worst
}
