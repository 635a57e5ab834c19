package doubts

import (
	"context"
	"fmt"
	"math"
	"slices"

	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// closeStarts is how far two start times of one process may lie apart, in seconds: some libraries
// take the time at which they are first used.
const closeStarts = 5

// OtherProcess reports why the process that exposes the metrics may be another than the one that is
// observed from outside, and nothing when it is the same.
func OtherProcess(ctx context.Context, e facts.Evidence, w facts.Window) (string, error) {
	exposes, known, err := promql.Single(ctx, e, w, promql.Must(`min(min_over_time(brrtload_target_exposes[range()]))`))
	if err != nil || known && exposes == 0 {
		return "the process that is observed does not listen at the port of the metrics", err
	}
	started, known, err := promql.Single(ctx, e, w,
		promql.Must(`max(max_over_time(brrtload_target_start_time_seconds[range()]))`))
	if err != nil || !known {
		return "", err
	}
	peers, err := e.Query(ctx, `max by (pid) (max_over_time(brrtload_target_peer_start_time_seconds[range()]))`, w)
	if err != nil {
		return "", err
	}
	reported, err := e.Query(ctx, `max_over_time(process_start_time_seconds{endpoint=""}[range()])`, w)
	if err != nil {
		return "", err
	}
	switch {
	case len(reported.Series) == 0 && len(peers.Series) == 0:
		return "", nil
	case len(reported.Series) != 1:
		return "which of several processes exposes the metrics is unknown: process_start_time_seconds does not tell them apart", nil
	}
	apart := math.Abs(reported.Series[0].Value - started)
	if apart > closeStarts {
		return fmt.Sprintf("the process that exposes the metrics started %s apart from the one that is observed",
			quantity.Of(apart, "s")), nil
	}
	if slices.ContainsFunc(peers.Series, func(s facts.Series) bool { return math.Abs(reported.Series[0].Value-s.Value) <= apart }) {
		return "another process of the target started at the same time, and may be the one that exposes the metrics", nil
	}
	return "", nil
}
