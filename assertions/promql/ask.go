package promql

import (
	"context"
	"fmt"

	"brrtload/internal/facts"
)

// single gives the value of a query that has one, and false when it gives none.
func Single(ctx context.Context, e facts.Evidence, w facts.Window, q Query) (float64, bool, error) {
	answer, err := e.Query(ctx, q.String(), w)
	if err != nil || len(answer.Series) != 1 {
		return 0, false, err
	}
	return answer.Series[0].Value, answer.Series[0].Value == answer.Series[0].Value, nil
}

// every asks for one value an endpoint. An endpoint that it is not known of is not in the answer.
func EachEndpoint(ctx context.Context, e facts.Evidence, w facts.Window, format string,
	args ...any) (map[string]float64, error) {
	answer, err := e.Query(ctx, fmt.Sprintf(format, args...), w)
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for _, s := range answer.Series {
		values[s.Labels["endpoint"]] = s.Value
	}
	return values, nil
}

// present reports whether a selector matched a series in the window. It looks at the end first,
// which reads one sample a series.
func Present(ctx context.Context, e facts.Evidence, w facts.Window, selector string) (bool, error) {
	for _, expr := range []string{
		"count(" + selector + ")",
		"count(present_over_time(" + selector + "[range()]))",
	} {
		answer, err := e.Query(ctx, expr, w)
		if err != nil {
			return false, err
		}
		if len(answer.Series) > 0 {
			return true, nil
		}
	}
	return false, nil
}
