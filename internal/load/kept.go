package load

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// Kept is a snapshot as it stands in a file: exact, and in an order that does not depend on when
// answers came. Two ledgers that counted the same are the same text.
type Kept struct {
	Planned  uint64                  `json:"planned"`
	Sent     uint64                  `json:"sent"`
	Done     uint64                  `json:"done"`
	Unsent   uint64                  `json:"unsent"`
	Wanted   uint64                  `json:"wanted"`
	Lag      *Histogram              `json:"lag"`
	Waiting  *Histogram              `json:"waiting"`
	Rows     []KeptRow               `json:"rows"`
	Timings  []KeptTiming            `json:"timings"`
	Failures []Failure               `json:"failures"`
	Steps    map[hit.Step]*Histogram `json:"steps,omitempty"`
}

// KeptRow is a [Row] whose request is named.
type KeptRow struct {
	Stage      int         `json:"stage"`
	Request    string      `json:"request"`
	Credential string      `json:"credential"`
	Status     int         `json:"status"`
	Outcome    hit.Outcome `json:"outcome"`
	Kind       hit.Kind    `json:"kind"`
	Traced     bool        `json:"traced"`
	Unexpected bool        `json:"unexpected"`
	Hits       uint64      `json:"hits"`
	BytesIn    int64       `json:"bytes_in"`
	BytesOut   int64       `json:"bytes_out"`
}

// KeptTiming is a [Timing] whose request is named.
type KeptTiming struct {
	Stage   int        `json:"stage"`
	Request string     `json:"request"`
	Latency *Histogram `json:"latency"`
	Service *Histogram `json:"service"`
}

// Keep returns the snapshot, with the steps of its hits if there are any, as it is written.
func (s Snapshot) Keep(steps map[hit.Step]*Histogram) Kept {
	k := Kept{Planned: s.Planned, Sent: s.Sent, Done: s.Done, Unsent: s.Unsent, Wanted: s.Wanted,
		Lag: s.Lag, Waiting: s.Waiting, Failures: slices.Clone(s.Failures), Steps: steps}
	for _, r := range s.Rows {
		k.Rows = append(k.Rows, KeptRow{r.Stage, r.Request.Name.Value, r.Credential, r.Status, r.Outcome, r.Kind,
			r.Traced, r.Unexpected, r.Hits, r.BytesIn, r.BytesOut})
	}
	for _, t := range s.Timings {
		k.Timings = append(k.Timings, KeptTiming{t.Stage, t.Request.Name.Value, t.Latency, t.Service})
	}
	k.order()
	return k
}

// order makes the text of equal accounts equal. Of failures it leaves the first few of each kind, as
// a ledger does.
func (k *Kept) order() {
	slices.SortFunc(k.Rows, func(a, b KeptRow) int {
		return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Request, b.Request),
			cmp.Compare(a.Credential, b.Credential), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Outcome, b.Outcome),
			cmp.Compare(a.Kind, b.Kind), boolean(a.Traced)-boolean(b.Traced))
	})
	slices.SortFunc(k.Timings, func(a, b KeptTiming) int {
		return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Request, b.Request))
	})
	slices.SortFunc(k.Failures, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(a.Done, b.Done), cmp.Compare(a.Seq, b.Seq))
	})
	same := map[Failure]int{}
	k.Failures = slices.DeleteFunc(k.Failures, func(f Failure) bool {
		kind := Failure{Request: f.Request, Status: f.Status, Outcome: f.Outcome, Kind: f.Kind}
		same[kind]++
		return same[kind] > samplesPerKind
	})
	k.Failures = k.Failures[:min(len(k.Failures), maxSamples)]
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Join returns the account of several shards of one plan as one: every count is the sum, every
// histogram that of all that was recorded.
func Join(shards ...Kept) Kept {
	type place struct {
		stage   int
		request string
	}
	all := Kept{Lag: NewHistogram(), Waiting: NewHistogram()}
	rows := map[KeptRow]KeptRow{} // by what identifies them: a row without its counts
	timings := map[place]*KeptTiming{}
	for _, k := range shards {
		all.Planned, all.Sent, all.Done = all.Planned+k.Planned, all.Sent+k.Sent, all.Done+k.Done
		all.Unsent, all.Wanted = all.Unsent+k.Unsent, all.Wanted+k.Wanted
		all.Lag.Merge(k.Lag)
		all.Waiting.Merge(k.Waiting)
		all.Failures = append(all.Failures, k.Failures...)
		for _, r := range k.Rows {
			key := r
			key.Hits, key.BytesIn, key.BytesOut = 0, 0, 0
			sum := rows[key]
			r.Hits, r.BytesIn, r.BytesOut = r.Hits+sum.Hits, r.BytesIn+sum.BytesIn, r.BytesOut+sum.BytesOut
			rows[key] = r
		}
		for _, t := range k.Timings {
			sum := timings[place{t.Stage, t.Request}]
			if sum == nil {
				sum = &KeptTiming{t.Stage, t.Request, NewHistogram(), NewHistogram()}
				timings[place{t.Stage, t.Request}] = sum
			}
			sum.Latency.Merge(t.Latency)
			sum.Service.Merge(t.Service)
		}
		for step, h := range k.Steps {
			if all.Steps == nil {
				all.Steps = map[hit.Step]*Histogram{}
			}
			if all.Steps[step] == nil {
				all.Steps[step] = NewHistogram()
			}
			all.Steps[step].Merge(h)
		}
	}
	for _, r := range rows {
		all.Rows = append(all.Rows, r)
	}
	for _, t := range timings {
		all.Timings = append(all.Timings, *t)
	}
	all.order()
	return all
}

// Snapshot returns the account as a snapshot of the plan's. It fails when the plan has no such
// stage or request, or when the counts do not agree with each other: then the file was changed.
func (k Kept) Snapshot(p *scenarios.Plan) (Snapshot, error) {
	s := Snapshot{Planned: k.Planned, Sent: k.Sent, Done: k.Done, Unsent: k.Unsent, Wanted: k.Wanted,
		InFlight: k.Sent - min(k.Done, k.Sent), Lag: k.Lag, Waiting: k.Waiting, Failures: k.Failures}
	requests := map[string]*scenarios.Request{}
	for _, r := range p.Requests() {
		requests[r.Name.Value] = r
	}
	var hits, timed, sendable uint64
	for _, r := range k.Rows {
		request := requests[r.Request]
		if request == nil || r.Stage < 0 || r.Stage >= len(p.Stages()) {
			return s, fmt.Errorf("the ledger has a row of request %q in stage %d, which the plan has not", r.Request, r.Stage)
		}
		s.Rows = append(s.Rows, Row{r.Stage, request, r.Credential, r.Status, r.Outcome, r.Kind, r.Traced, r.Unexpected,
			r.Hits, r.BytesIn, r.BytesOut})
		hits += r.Hits
		if r.Outcome != hit.NotSent {
			sendable += r.Hits
		}
	}
	for _, t := range k.Timings {
		request := requests[t.Request]
		if request == nil || t.Stage < 0 || t.Stage >= len(p.Stages()) {
			return s, fmt.Errorf("the ledger times request %q in stage %d, which the plan has not", t.Request, t.Stage)
		}
		s.Timings = append(s.Timings, Timing{t.Stage, request, t.Latency, t.Service})
		timed += t.Latency.Count()
	}
	if hits != k.Done || timed != sendable {
		return s, fmt.Errorf("the ledger counts %d hits done, has rows of %d, and times %d of %d", k.Done, hits, timed, sendable)
	}
	return s, nil
}

// MarshalJSON implements json.Marshaler: the populated buckets, from the lowest, each with its
// count.
func (h *Histogram) MarshalJSON() ([]byte, error) {
	pairs := [][2]int64{}
	for i, n := range h.counts() {
		if n > 0 {
			pairs = append(pairs, [2]int64{int64(i), n})
		}
	}
	return json.Marshal(pairs)
}

// UnmarshalJSON implements json.Unmarshaler. The histogram is for reading.
func (h *Histogram) UnmarshalJSON(text []byte) error {
	var pairs [][2]int64
	if err := json.Unmarshal(text, &pairs); err != nil {
		return err
	}
	empty := NewHistogram()
	h.copied = empty.hdr.Export()
	h.copied.Counts = make([]int64, len(h.copied.Counts))
	for _, pair := range pairs {
		if pair[0] < 0 || pair[0] >= int64(Buckets) || pair[1] < 1 {
			return fmt.Errorf("a histogram has no bucket %d with %d", pair[0], pair[1])
		}
		h.copied.Counts[pair[0]] = pair[1]
	}
	return nil
}
