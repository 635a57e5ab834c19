package load

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// Ledger is what the client knows it did: the ground truth that telemetry is held against. Its
// memory does not grow with the number of hits. It is safe for concurrent use.
type Ledger struct {
	plan     *scenarios.Plan
	requests []*scenarios.Request
	spans    []scenarios.Span
	secrets  *strings.Replacer
	begun    atomic.Uint64
	done     atomic.Uint64
	unsent   [len(hit.Lacks)]atomic.Uint64 // of those done, never sent for want of something, as in hit.Lacks
	wanted   atomic.Uint64                 // of those done, answered with a status that the scenario wants
	cells    []cell                        // stage by stage, a cell a request
	lag      shared                        // how late the generator was, the warm-up left out
	waiting  shared                        // and how late hits were for want of a connection
	samples  samples
	numbers  *Numbers      // of the hits that are done; nil unless they are kept
	mark     atomic.Int64  // nanoseconds after the start of the load: see Mark
	over     atomic.Uint64 // hits sent before the mark and done after it
}

// cell is the account of one request in one stage.
type cell struct {
	mu      sync.Mutex
	rows    []Row
	latency *Histogram
	service *Histogram
}

// shared is a histogram with a lock.
type shared struct {
	mu        sync.Mutex
	histogram *Histogram
}

func (s *shared) record(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.histogram.Record(d)
}

func (s *shared) clone() *Histogram {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.histogram.clone()
}

// NewLedger opens the account of a plan. Secrets are texts to be taken out of failure samples.
func NewLedger(p *scenarios.Plan, secrets ...string) *Ledger {
	l := &Ledger{plan: p, requests: p.Requests(), spans: p.Stages(),
		lag: shared{histogram: newTracked()}, waiting: shared{histogram: newTracked()}}
	l.cells = make([]cell, len(l.spans)*len(l.requests))
	var pairs []string
	for _, secret := range secrets {
		pairs = append(pairs, secret, "[secret]")
	}
	l.secrets = strings.NewReplacer(pairs...)
	return l
}

// Number keeps the numbers of the hits that are done, of the shard that the plan is of. It is called
// before the first hit.
func (l *Ledger) Number(index, of uint64) *Numbers {
	l.numbers = &Numbers{index: index, of: of}
	return l.numbers
}

// Begin reports that a hit is under way: from now on it is in flight. Every Begin is followed by
// one Add.
func (l *Ledger) Begin() { l.begun.Add(1) }

// Waits reports that a hit of a stage came due while every connection was busy, and how late the
// generator noticed: so late it was itself. The hit may still be dropped; if it is sent, its
// hit.Result says that it waited.
func (l *Ledger) Waits(stage int, late time.Duration) {
	if l.spans[stage].Phase != scenarios.WarmUp {
		l.lag.record(late)
	}
}

// Add enters what came of a hit that had begun. It allocates nothing for an answer of a kind that
// was seen before.
func (l *Ledger) Add(h scenarios.Hit, r hit.Result) {
	if l.spans[h.Stage].Phase != scenarios.WarmUp && r.Outcome != hit.NeverReached && r.Outcome != hit.NotSent {
		if late := r.Sent - h.Due; r.Waited {
			l.waiting.record(late)
		} else {
			l.lag.record(late)
		}
	}
	l.cells[h.Stage*len(l.requests)+h.Request.Index].add(h, r)
	if l.numbers != nil {
		l.numbers.add(h.Seq)
	}
	switch {
	case r.Wanted(&h):
		l.wanted.Add(1)
	case r.Outcome == hit.NotSent:
		l.unsent[slices.Index(hit.Lacks[:], r.Kind)].Add(1)
		fallthrough
	default:
		l.samples.add(l.sample(h, r))
	}
	if int64(r.Sent) <= l.mark.Load() {
		l.over.Add(1)
	}
	l.done.Add(1)
}

// Wanted returns how many hits were answered with a status that the scenario wants.
func (l *Ledger) Wanted() uint64 { return l.wanted.Load() }

// Unsent returns how many hits the generator could not send, by what it lacked.
func (l *Ledger) Unsent() map[hit.Kind]uint64 {
	hits := map[hit.Kind]uint64{}
	for i, kind := range hit.Lacks {
		hits[kind] = l.unsent[i].Load()
	}
	return hits
}

// sending is how long a hit may take from its Begin to the time that stands in its hit.Result as
// Sent.
const sending = time.Millisecond

// Mark returns how many hits are in flight, so long after the start of the load. [Ledger.Over]
// counts from then on.
func (l *Ledger) Mark(elapsed time.Duration) (inFlight uint64) {
	l.over.Store(0)
	l.mark.Store(int64(elapsed + sending))
	done := l.done.Load()
	return l.begun.Load() - done
}

// Over returns how many hits that were sent before the mark are done since. It may count a hit too
// many, and none too few.
func (l *Ledger) Over() uint64 { return l.over.Load() }

func (c *cell) add(h scenarios.Hit, r hit.Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.latency == nil {
		c.latency, c.service = newTracked(), newTracked()
	}
	if r.Outcome != hit.NotSent {
		c.latency.Record(r.Done - h.Due)
		c.service.Record(r.Done - r.Sent)
	}
	row := c.row(h, r)
	row.Hits++
	row.BytesIn += r.BytesIn
	row.BytesOut += r.BytesOut
}

// row finds the row that a hit belongs to. There are few, so that a walk is quickest.
func (c *cell) row(h scenarios.Hit, r hit.Result) *Row {
	traced := !h.Trace.IsZero()
	for i := range c.rows {
		row := &c.rows[i]
		same := row.Status == r.Status && row.Outcome == r.Outcome && row.Kind == r.Kind
		if same && row.Credential == h.Credential && row.Traced == traced {
			return row
		}
	}
	c.rows = append(c.rows, Row{
		Stage: h.Stage, Request: h.Request, Credential: h.Credential,
		Status: r.Status, Outcome: r.Outcome, Kind: r.Kind, Traced: traced,
		Unexpected: unexpected(h, r),
	})
	return &c.rows[len(c.rows)-1]
}

// unexpected reports whether a hit came to an end that the scenario does not want. One that never
// left, or that we cut, says nothing of the target.
func unexpected(h scenarios.Hit, r hit.Result) bool {
	ours := r.Outcome == hit.NotSent || r.Kind == hit.Cancelled
	return !ours && !r.Wanted(&h)
}

func (l *Ledger) sample(h scenarios.Hit, r hit.Result) Failure {
	f := Failure{Request: h.Request.Name.Value, Seq: h.Seq, Done: r.Done,
		Status: r.Status, Outcome: r.Outcome, Kind: r.Kind}
	if r.Err != nil {
		f.Error = l.clean(r.Err.Error())
	}
	f.Body = l.clean(r.Excerpt)
	return f
}

// clean makes untrusted text fit to be shown.
func (l *Ledger) clean(text string) string { return diag.Printable(l.secrets.Replace(text)) }

// Failure is a sample of what went wrong. Error and Body are printable and free of secrets.
type Failure struct {
	Request string
	Seq     uint64
	Done    time.Duration // after the start of the load
	Status  int
	Outcome hit.Outcome
	Kind    hit.Kind
	Error   string
	Body    string // its beginning
}

// samplesPerKind and maxSamples bound the failures that are kept.
const (
	samplesPerKind = 3
	maxSamples     = 100
)

// samples keeps the first few failures of each kind.
type samples struct {
	mu   sync.Mutex
	kept []Failure
}

func (s *samples) add(f Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := 0
	for _, k := range s.kept {
		if k.Request == f.Request && k.Status == f.Status && k.Outcome == f.Outcome && k.Kind == f.Kind {
			same++
		}
	}
	if same < samplesPerKind && len(s.kept) < maxSamples {
		s.kept = append(s.kept, f)
	}
}
