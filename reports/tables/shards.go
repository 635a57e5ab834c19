package tables

import (
	"fmt"
	"math"

	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
)

// MaxShards is how many shards a report has room for. The first ones are shown.
const MaxShards = 100

// Shards has a row for each generator of a load that several sent.
func Shards(r reports.Report) Table {
	t := Table{Title: "Shards", Columns: []Column{{"", false}, {"", false}}}
	for _, s := range r.Shards[:min(len(r.Shards), MaxShards)] {
		t.Add(0, ShardName(s), ShardText(s))
	}
	if t.Left = len(r.Shards) - len(t.Rows); t.Left > 0 {
		t.Rest = "shards in " + reports.ResultFile
	}
	return t
}

// LostShards names those that did not come to their end.
func LostShards(r reports.Report) (list []string) {
	for _, s := range r.Shards {
		if s.Missing || s.End != reports.Completed {
			list = append(list, fmt.Sprintf("%d/%d %s", s.Index, s.Of, ShardText(s)))
		}
	}
	return list
}

// ShardName names a shard.
func ShardName(s reports.Shard) string { return fmt.Sprintf("shard %d/%d", s.Index, s.Of) }

// ShardText reports in a line what a shard sent, and how its clock differs.
func ShardText(s reports.Shard) string {
	if s.Missing {
		return fmt.Sprintf("missing: %s planned hits are not accounted for", Count(s.Planned))
	}
	text := fmt.Sprintf("%s of %s planned hits sent, %s dropped; lag p99 %s (floor %s)", Count(s.Sent), Count(s.Planned),
		Count(s.Dropped), quantity.Seconds(s.LagP99), quantity.Seconds(s.LagFloor))
	switch {
	case s.ClockOffset == nil:
		text += "; clock not compared"
	case s.Index > 0:
		text += fmt.Sprintf("; clock %s off, ± %s", quantity.Seconds(math.Abs(*s.ClockOffset)), quantity.Seconds(s.Uncertainty))
	}
	if s.CPUSeconds > 0 {
		text += fmt.Sprintf("; %s of CPU", quantity.Seconds(s.CPUSeconds))
	}
	if s.End != reports.Completed {
		text += "; " + fit.Line(string(s.End), fit.NameWidth)
	}
	return text
}
