// Package result fills a report with what is known when a run is over: what the ledger counted, and
// where the run was made. It removes secrets.
package result

import (
	"cmp"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"time"

	"brrtload/internal/load"
	"brrtload/internal/load/hit"
	"brrtload/internal/machine"
	"brrtload/internal/record"
	"brrtload/internal/scrape"
	"brrtload/reports"
	"brrtload/scenarios"
)

// Fill puts what the ledger says into the report.
func Fill(r *reports.Report, s load.Snapshot, stages []record.Stage, began time.Time) {
	var steady time.Duration
	for _, stage := range stages {
		if stage.Phase == scenarios.Steady && !stage.End.IsZero() {
			steady += stage.End.Sub(stage.Start)
		}
	}
	r.Requests = requests(s, stages, steady)
	r.Ledger = ledger(s)
	for _, f := range s.Failures {
		r.Failures = append(r.Failures, reports.Failure{Request: f.Request, Status: f.Status,
			Outcome: string(f.Outcome),
			Error:   f.Error, Body: f.Body, At: began.Add(f.Done), Seq: f.Seq})
	}
	r.Generator.Planned, r.Generator.Sent = s.Planned, s.Sent-s.Unsent
	r.Generator.Lag = Quantiles(s.Lag)
	r.Generator.Waited, r.Generator.Waiting = s.Waiting.Count(), Quantiles(s.Waiting)
}

// requests returns the statistics of the steady phase by request, and of all together.
func requests(s load.Snapshot, stages []record.Stage, steady time.Duration) []reports.Request {
	type sum struct {
		reports.Request
		latency, service *load.Histogram
	}
	fresh := func(name string) *sum {
		return &sum{reports.Request{Name: name}, load.NewHistogram(), load.NewHistogram()}
	}
	sums := map[string]*sum{}
	total := fresh(reports.Total)
	for _, t := range s.Timings {
		if stages[t.Stage].Phase != scenarios.Steady {
			continue
		}
		name := t.Request.Name.Value
		if sums[name] == nil {
			sums[name] = fresh(name)
		}
		for _, to := range []*sum{sums[name], total} {
			to.latency.Merge(t.Latency)
			to.service.Merge(t.Service)
		}
	}
	for _, row := range s.Rows {
		if stages[row.Stage].Phase != scenarios.Steady || row.Outcome == hit.NotSent {
			continue
		}
		for _, to := range []*sum{sums[row.Request.Name.Value], total} {
			to.Hits += row.Hits
			if row.Unexpected {
				to.Errors += row.Hits
				if to.Kinds == nil {
					to.Kinds = map[string]int64{}
				}
				to.Kinds[trouble(row)] += int64(row.Hits)
			}
		}
	}
	var list []reports.Request
	for _, one := range append(ordered(sums), total) {
		one.Latency, one.Service = Quantiles(one.latency), Quantiles(one.service)
		if steady > 0 {
			one.Rate = float64(one.Hits) / steady.Seconds()
		}
		list = append(list, one.Request)
	}
	return list
}

func ordered[T any](m map[string]T) []T {
	var list []T
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[key])
	}
	return list
}

// trouble names the kind of a result that the scenario did not want.
func trouble(row load.Row) string {
	if row.Outcome == hit.Answered && row.Kind == hit.NoTrouble {
		return "status " + record.Status(row.Status)
	}
	return cmp.Or(string(row.Kind), string(row.Outcome))
}

// ledger returns the account of the whole run by request, credential, status and outcome.
func ledger(s load.Snapshot) []reports.Entry {
	hits := map[reports.Entry]uint64{}
	for _, row := range s.Rows {
		hits[reports.Entry{Request: row.Request.Name.Value, Credential: row.Credential, Status: row.Status,
			Outcome: string(row.Outcome)}] += row.Hits
	}
	var entries []reports.Entry
	for entry, n := range hits {
		entry.Hits = n
		entries = append(entries, entry)
	}
	slices.SortFunc(entries, func(a, b reports.Entry) int {
		return cmp.Or(cmp.Compare(a.Request, b.Request), cmp.Compare(a.Credential, b.Credential),
			cmp.Compare(a.Status, b.Status), cmp.Compare(a.Outcome, b.Outcome))
	})
	return entries
}

// StepsOf lists what the steps of hits took, in the order in which a hit goes through them.
func StepsOf(taken map[hit.Step]*load.Histogram) []reports.Step {
	var list []reports.Step
	for _, step := range []hit.Step{hit.DNS, hit.Connect, hit.Handshake, hit.FirstByte, hit.Transfer} {
		if h := taken[step]; h != nil {
			list = append(list, reports.Step{Name: string(step), Count: h.Count(), Took: Quantiles(h)})
		}
	}
	return list
}

// Quantiles returns those of a histogram, in seconds.
func Quantiles(h *load.Histogram) reports.Quantiles {
	at := func(q float64) float64 { return h.Quantile(q).Seconds() }
	return reports.Quantiles{P50: at(0.5), P90: at(0.9), P95: at(0.95), P99: at(0.99), P999: at(0.999),
		Max: h.Max().Seconds()}
}

// Provenance reports where the run was made; strain is what others took of the machine since the
// run began.
func Provenance(since machine.Strain) reports.Provenance {
	facts := machine.Read()
	p := reports.Provenance{
		Brrtload: machine.Build(), Go: runtime.Version(), OS: runtime.GOOS + "/" + runtime.GOARCH,
		Kernel: facts.Kernel, CPU: facts.CPU, CPUs: facts.CPUs, GOMAXPROCS: runtime.GOMAXPROCS(0), Cgroup: facts.Cgroup,
	}
	p.Commit = commit(os.Getenv)
	p.Steal, p.Pressure = machine.Now().Since(since)
	return p
}

// hexadecimal matches the name of a commit.
var hexadecimal = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// commit returns the commit that the CI system tests, empty elsewhere.
func commit(env func(string) string) string {
	for _, name := range []string{"GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT"} {
		if value := env(name); hexadecimal.MatchString(value) {
			return value
		}
	}
	return ""
}

// Scrapes returns how the reading of each endpoint went.
func Scrapes(stats []scrape.Stats) []reports.Scrapes {
	var list []reports.Scrapes
	for _, s := range stats {
		row := reports.Scrapes{Endpoint: s.Endpoint, Count: s.Count, Failed: s.Failed, Missed: s.Missed,
			Series: s.Series}
		if s.Count > 0 {
			row.Seconds, row.Bytes = s.Took.Seconds()/float64(s.Count), float64(s.Bytes)/float64(s.Count)
		}
		if s.Err != nil {
			row.Error = s.Err.Error()
		}
		list = append(list, row)
	}
	return list
}

// Kept lists what the run directory holds so far.
func Kept(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // then nothing can be written there either, and that is reported
	}
	var files []string
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() {
			name += "/"
		}
		files = append(files, name)
	}
	return files
}

// ChartsTime bounds the making of charts: a report without them is still a report.
const ChartsTime = 20 * time.Second
