// Package reports has what a run found: a [Report] is result.json, and no other type describes a
// result.
//
// In go figures and judgements of its producers. The packages below show it: fit and tables have
// what formats share, chart, page and terminal are for people, formats lists all of them. A format
// is a func(io.Writer, Report) error.
package reports

import (
	"time"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// Version is the version of result.json. It grows when a reader of the last one would misread the
// next.
const Version = 1

// Report is one run and what was found. Times are seconds, sizes bytes.
type Report struct {
	Version   int                `json:"version"`
	Command   string             `json:"command"` // run, merge, verify, overhead, capacity
	Scenario  string             `json:"scenario"`
	Verdict   assertions.Verdict `json:"verdict"`
	Reason    string             `json:"reason"`               // one sentence that can stand alone; see [Report.Sentence]
	DecidedBy string             `json:"decided_by,omitempty"` // the id of the check that the reason names
	Status    int                `json:"exit_status"`
	End       End                `json:"end"`
	Cause     string             `json:"cause,omitempty"` // what ended a run that was not completed
	Seed      uint64             `json:"seed"`
	Started   time.Time          `json:"started"`
	Seconds   float64            `json:"seconds"`
	Target    Target             `json:"target"`
	Windows   []facts.Window     `json:"windows"`
	Checks    []assertions.Check `json:"checks"`
	Requests  []Request          `json:"requests"`
	Ledger    []Entry            `json:"ledger"`
	Failures  []Failure          `json:"failures,omitempty"` // the first few of each kind
	Steps     []Step             `json:"steps,omitempty"`    // what hits spent their time on, when the scenario asks
	Generator Generator          `json:"generator"`
	Shards    []Shard            `json:"shards,omitempty"` // of a load that several generators sent
	Scrapes   []Scrapes          `json:"scrapes"`
	Overhead  *Overhead          `json:"overhead,omitempty"` // of an overhead experiment
	Capacity  *Capacity          `json:"capacity,omitempty"` // of a search for the rate at which budgets break
	Memory    *Memory            `json:"memory,omitempty"`   // what a tool saw of the target's allocations
	Traces    []Trace            `json:"slowest_traces,omitempty"`
	Log       []Logged           `json:"log,omitempty"` // of the target: what asks for attention, and what checks name
	Timeline  *Timeline          `json:"timeline,omitempty"`
	Exhibits  []Exhibit          `json:"exhibits,omitempty"` // of the checks that did not pass
	Notes     []string           `json:"notes,omitempty"`    // what else a reader must know, in sentences
	Files     []string           `json:"files,omitempty"`    // relative to the run directory
	Directory string             `json:"-"`
	Where     Provenance         `json:"provenance"`
}

// Exhibit is what an endpoint exposed of the metrics that a check rests on, at both edges of the
// run.
type Exhibit struct {
	Check    string    `json:"check"`
	Endpoint string    `json:"endpoint"`
	Samples  []Exposed `json:"samples"`        // those that changed, the first few; the first few of all where none did
	More     int       `json:"more,omitempty"` // samples left out
}

// Exposed is one sample as it was read; empty where it was not exposed.
type Exposed struct {
	Series   string `json:"series"`
	Baseline string `json:"baseline,omitempty"`
	Final    string `json:"final,omitempty"`
}

// End says how the run came to its end.
type End string

// The ends of a run.
const (
	Completed   End = "completed"
	Interrupted End = "interrupted"  // a signal ended it
	TargetDied  End = "target died"  // the target process ended
	MetricsLost End = "metrics lost" // an endpoint was read before the load and could not be read any longer after it
	Unreachable End = "unreachable"  // the target or its endpoint was never ready
	Incomplete  End = "incomplete"   // what a shard kept is not there
	Untraced    End = "not traced"   // the tool that was to see the target's memory cannot
	Aborted     End = "aborted"      // an abort-on-fail budget ended it
	Failed      End = "failed"       // brrtload itself went wrong; what was measured until then is kept
)

// Target is the service under test.
type Target struct {
	Name         string  `json:"name"` // the command line, or the URL
	URL          string  `json:"url"`
	PID          int     `json:"pid,omitempty"`
	CPUSeconds   float64 `json:"cpu_seconds,omitempty"`   // of its process, over the run window
	CPUPerHit    float64 `json:"cpu_per_hit,omitempty"`   // seconds, over the run window
	ResidentPeak float64 `json:"resident_peak,omitempty"` // bytes
	Build        string  `json:"build,omitempty"`
}

// Quantiles are of one histogram: seconds.
type Quantiles struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P95  float64 `json:"p95"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p99_9"`
	Max  float64 `json:"max"`
}

// Request is the statistics of one named request in the steady phase; the one named Total is of all
// requests together.
type Request struct {
	Name    string           `json:"name"`
	Hits    uint64           `json:"hits"`
	Rate    float64          `json:"rate"`    // done per second
	Errors  uint64           `json:"errors"`  // not answered, or answered with a status that was not expected
	Latency Quantiles        `json:"latency"` // from the due time
	Service Quantiles        `json:"service"` // from the sending
	Kinds   map[string]int64 `json:"error_kinds,omitempty"`
}

// Step is one part of what hits spent their time on, over the whole run. The first three are of
// connections, as many as were made.
type Step struct {
	Name  string    `json:"name"` // dns, connect, tls, first byte, transfer
	Count uint64    `json:"count"`
	Took  Quantiles `json:"took"`
}

// Total names the row of all requests together.
const Total = "total"

// Entry is one row of the ledger, over the whole run.
type Entry struct {
	Request    string `json:"request"`
	Credential string `json:"credential"` // "none" without one
	Status     int    `json:"status"`     // 0 where no status came
	Outcome    string `json:"outcome"`    // answered, never reached, ambiguous, cut
	Hits       uint64 `json:"hits"`
}

// Failure is a sample of what went wrong, secrets removed.
type Failure struct {
	Request string    `json:"request"`
	Status  int       `json:"status"`
	Outcome string    `json:"outcome"`
	Error   string    `json:"error,omitempty"`
	Body    string    `json:"body,omitempty"` // its beginning
	At      time.Time `json:"at"`
	Seq     uint64    `json:"seq"`
}

// Trace is one of the slowest traces that the target exported.
type Trace struct {
	ID      string  `json:"id"`
	Seq     *uint64 `json:"seq,omitempty"` // of the hit that began it
	Seconds float64 `json:"seconds"`       // of its root
	Spans   []Span  `json:"spans"`         // in the order in which they began
}

// Span is a part of a trace.
type Span struct {
	Name    string  `json:"name"`
	Depth   int     `json:"depth"` // 0 for the root
	Start   float64 `json:"start"` // seconds after the root began
	Seconds float64 `json:"seconds"`
	Error   bool    `json:"error,omitempty"`
}

// Generator is how well the load was generated: lag is how late hits were by the generator's doing,
// waiting how late those were that came due while every connection was busy.
type Generator struct {
	Planned    uint64    `json:"planned"`
	Sent       uint64    `json:"sent"`
	Dropped    uint64    `json:"dropped"`
	Lag        Quantiles `json:"lag"`
	Waited     uint64    `json:"waited,omitempty"` // hits that came due while every connection was busy, and were sent
	Waiting    Quantiles `json:"waiting,omitzero"` // sent - due of these
	Floor      Quantiles `json:"lag_floor"`        // lag of the same pacer with a null transport, measured in the same minute
	CPUSeconds float64   `json:"cpu_seconds"`
	CPUPerHit  float64   `json:"cpu_per_hit"`
}

// Shard is the part of one of several generators. Only Index, Of, Planned and Missing mean anything
// where nothing was kept.
type Shard struct {
	Index      uint64  `json:"index"` // from 0
	Of         uint64  `json:"of"`
	Missing    bool    `json:"missing,omitempty"` // it kept nothing: it was killed, or its directory is not there
	End        End     `json:"end"`
	Planned    uint64  `json:"planned"`
	Sent       uint64  `json:"sent"`
	Dropped    uint64  `json:"dropped"`
	LagP99     float64 `json:"lag_p99"`
	LagFloor   float64 `json:"lag_floor_p99"`
	CPUSeconds float64 `json:"cpu_seconds"`
	// ClockOffset is how far its clock was ahead of shard 0's; nil when that is not known.
	ClockOffset *float64 `json:"clock_offset_seconds,omitempty"`
	Uncertainty float64  `json:"clock_uncertainty_seconds,omitempty"`
}

// Scrapes is how the reading of one endpoint went.
type Scrapes struct {
	Endpoint string  `json:"endpoint"`
	Count    int     `json:"count"`
	Failed   int     `json:"failed"`
	Missed   int     `json:"missed"` // due while the one before was still under way
	Seconds  float64 `json:"mean_seconds"`
	Bytes    float64 `json:"mean_bytes"`
	Series   int     `json:"series"`
	Error    string  `json:"last_error,omitempty"`
}

// Provenance is where and with what the run was made.
type Provenance struct {
	Brrtload   string `json:"brrtload"`         // version and revision
	Commit     string `json:"commit,omitempty"` // that a CI system says it tests
	Go         string `json:"go"`
	OS         string `json:"os"`
	Kernel     string `json:"kernel,omitempty"`
	CPU        string `json:"cpu,omitempty"`
	CPUs       int    `json:"cpus"`
	GOMAXPROCS int    `json:"gomaxprocs"`
	Cgroup     string `json:"cgroup,omitempty"` // CPU and memory limits
	// Steal and Pressure are of the machine during the run: share of CPU time stolen, and the
	// kernel's "some" CPU pressure.
	Steal    float64 `json:"steal"`
	Pressure float64 `json:"pressure"`
}
