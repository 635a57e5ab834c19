package reports

import (
	"fmt"
	"math"

	"brrtload/internal/quantity"
)

// maxShards is how many shards a report has room for. The first ones are shown.
const maxShards = 100

// shards has a row for each generator of a load that several sent.
func shards(r Report) table {
	t := table{title: "Shards", columns: []column{{"", false}, {"", false}}}
	for _, s := range r.Shards[:min(len(r.Shards), maxShards)] {
		t.add(0, s.name(), s.text())
	}
	if t.left = len(r.Shards) - len(t.rows); t.left > 0 {
		t.rest = "shards in " + ResultFile
	}
	return t
}

// lostShards names those that did not come to their end.
func lostShards(r Report) (list []string) {
	for _, s := range r.Shards {
		if s.Missing || s.End != Completed {
			list = append(list, fmt.Sprintf("%d/%d %s", s.Index, s.Of, s.text()))
		}
	}
	return list
}

func (s Shard) name() string { return fmt.Sprintf("shard %d/%d", s.Index, s.Of) }

func (s Shard) text() string {
	if s.Missing {
		return fmt.Sprintf("missing: %s planned hits are not accounted for", count(s.Planned))
	}
	text := fmt.Sprintf("%s of %s planned hits sent, %s dropped; lag p99 %s (floor %s)", count(s.Sent), count(s.Planned),
		count(s.Dropped), quantity.Seconds(s.LagP99), quantity.Seconds(s.LagFloor))
	switch {
	case s.ClockOffset == nil:
		text += "; clock not compared"
	case s.Index > 0:
		text += fmt.Sprintf("; clock %s off, ± %s", quantity.Seconds(math.Abs(*s.ClockOffset)), quantity.Seconds(s.Uncertainty))
	}
	if s.CPUSeconds > 0 {
		text += fmt.Sprintf("; %s of CPU", quantity.Seconds(s.CPUSeconds))
	}
	if s.End != Completed {
		text += "; " + line(string(s.End), nameWidth)
	}
	return text
}
