package scenarios

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/pace"
)

// Plan is a scenario's load, hit by hit: when it is due, and what is sent, as pure functions of
// seed and number. It is safe for concurrent use.
type Plan struct {
	seed     uint64
	schedule pace.Schedule
	spans    []Span
	requests []planned
	messages []*Message
	tables   tables
	tracing  tracing
}

// Span is when a stage begins and ends, from the start of the load.
type Span struct {
	Name       string
	Phase      Phase
	Start, End time.Duration
	Reload     time.Duration // between two SIGHUPs to the target; 0 for none
}

// Hit is one call to be made. It is a value: what was not drawn for it alone is shared between hits
// and not to be changed.
type Hit struct {
	Seq        uint64
	Due        time.Duration // after the start
	Stage      int           // index in Plan.Stages
	Request    *Request
	Credential string // name, or Anonymous
	Message    *Message
	Trace      Trace // zero when the hit is not traced
	Err        error // why there is no Message: a template could not be carried out
}

// planned is a request with what its hits need, ready.
type planned struct {
	request *Request
	until   float64 // sum of the weights up to and with this request
	choices []choice
}

// choice is a blueprint of a request with a credential. Message is nil when it is rendered for each
// hit.
type choice struct {
	blueprint  *blueprint
	credential string
	fields     []Field
	message    *Message
}

// Plan draws the load up. The same seed gives the same hits.
func (s *Scenario) Plan(seed uint64) (*Plan, error) {
	read := &reading{files: s.Files, read: map[string]*table{}}
	p := &Plan{seed: seed, tables: read, tracing: s.tracing(seed)}
	p.schedule, p.spans = s.spans()
	total := 0.0
	var found diag.List
	for i := range s.Requests {
		r := &s.Requests[i]
		total += r.share()
		one := planned{request: r, until: total}
		for _, credential := range r.shows() {
			for j := range r.blueprints {
				c, err := p.choice(s, &r.blueprints[j], credential)
				if err != nil {
					found = append(found, s.at(r.At, "request %q: %s", r.Name.Value, plainly(err)))
					break
				}
				one.choices = append(one.choices, c)
			}
		}
		p.requests = append(p.requests, one)
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	p.tables = ready(read.read)
	return p, nil
}

// Spans returns the stages in their order, the warm-up first when there is one, and false when one
// of them is not fit to be run.
func (s *Scenario) Spans() ([]Span, bool) {
	for i := range s.Stages {
		if s.Stages[i].schedule == nil {
			return nil, false
		}
	}
	_, spans := s.spans()
	return spans, true
}

// spans puts the stages one after the other.
func (s *Scenario) spans() (pace.Schedule, []Span) {
	var stages []pace.Stage
	var spans []Span
	if s.Warmup != nil {
		stages = append(stages, pace.Constant{Rate: s.Warmup.Rate, Duration: s.Warmup.Duration})
		spans = append(spans, Span{Name: string(WarmUp), Phase: WarmUp})
	}
	for i, stage := range s.Stages {
		stages = append(stages, stage.schedule)
		name := stage.Name.Value
		if name == "" {
			name = fmt.Sprintf("stage %d", i+1)
		}
		spans = append(spans, Span{Name: name, Phase: stage.phase(), Reload: stage.Reload})
	}
	schedule := pace.NewSchedule(stages...)
	for i := range spans {
		spans[i].Start, spans[i].End = schedule.Span(i)
	}
	return schedule, spans
}

// tryTemplates renders every request once, also of a scenario in which something else is wrong:
// whether templates can be carried out shows only when they are.
func (s *Scenario) tryTemplates() diag.List {
	p := &Plan{seed: s.Seed, tables: &reading{files: s.Files, read: map[string]*table{}}}
	var found diag.List
	for i := range s.Requests {
		r := &s.Requests[i]
		for j := range r.blueprints {
			if _, err := r.blueprints[j].render(p.draw(0), nil); err != nil {
				found = append(found, s.at(r.At, "request %q: %s", r.Name.Value, plainly(err)))
				break
			}
		}
	}
	return found
}

// choice renders a blueprint with a credential once, also to find out now whether its templates can
// be carried out.
func (p *Plan) choice(s *Scenario, b *blueprint, credential string) (choice, error) {
	c := choice{blueprint: b, credential: credential}
	if field, ok := s.Credentials[credential].field(); ok {
		c.fields = []Field{field}
	}
	m, err := b.render(p.draw(0), c.fields)
	if err == nil && b.static() {
		m.Index = len(p.messages)
		p.messages = append(p.messages, m)
		c.message = m
	}
	return c, err
}

// Shard returns the plan of one of several generators: its hits are those of this plan whose number
// leaves the remainder index when it is divided by of, with their numbers and due times. See
// [pace.Schedule.Shard].
func (p *Plan) Shard(index, of uint64) *Plan {
	shard := *p
	shard.schedule = p.schedule.Shard(index, of)
	return &shard
}

// Schedule returns when each hit is due.
func (p *Plan) Schedule() pace.Schedule { return p.schedule }

// Hits returns how many hits are planned.
func (p *Plan) Hits() uint64 { return p.schedule.Hits() }

// Length returns the time from the first hit's due time to the end of the last stage.
func (p *Plan) Length() time.Duration { return p.schedule.Length() }

// Outline describes the plan in a line, without what is sent: two that differ are of different
// loads.
func (p *Plan) Outline() string {
	var requests []string
	for _, r := range p.Requests() {
		requests = append(requests, r.Name.Value)
	}
	return fmt.Sprintf("seed %d, %d hits in %s, %s, requests %q", p.seed, p.Hits(), p.Length(), p.schedule, requests)
}

// Peak returns the highest arrival rate.
func (p *Plan) Peak() pace.Rate { return p.schedule.Peak() }

// Stages returns the stages in their order, the warm-up first when there is one.
func (p *Plan) Stages() []Span { return p.spans }

// Reloads reports whether any stage sends SIGHUP to the target.
func (p *Plan) Reloads() bool {
	return slices.ContainsFunc(p.spans, func(s Span) bool { return s.Reload > 0 })
}

// Requests returns the requests, each at its Index.
func (p *Plan) Requests() []*Request {
	requests := make([]*Request, len(p.requests))
	for i := range p.requests {
		requests[i] = p.requests[i].request
	}
	return requests
}

// Messages returns the messages that many hits share, by their index.
func (p *Plan) Messages() []*Message { return p.messages }

// Due returns when hit n is due after the start.
func (p *Plan) Due(n uint64) time.Duration { return p.schedule.At(n) }

// Hit returns hit n. It allocates only for a request with templates.
func (p *Plan) Hit(n uint64) Hit {
	due, stage := p.schedule.Due(n)
	n = p.schedule.Number(n)
	dice := mix(p.seed, n)
	r := p.requestAt(dice)
	c := &r.choices[0]
	if len(r.choices) > 1 {
		c = &r.choices[mix(dice, 1)%uint64(len(r.choices))]
	}
	h := Hit{Seq: n, Due: due, Stage: stage, Request: r.request, Credential: c.credential, Message: c.message,
		Trace: p.tracing.of(n)}
	if h.Message == nil {
		h.Message, h.Err = c.blueprint.render(p.draw(n), c.fields)
	}
	return h
}

func (p *Plan) draw(n uint64) *draw {
	return &draw{Seq: n, tables: p.tables, dice: rand.New(rand.NewPCG(p.seed, n))}
}

// requestAt finds the request whose share of the weights a 64-bit die falls into.
func (p *Plan) requestAt(dice uint64) *planned {
	last := len(p.requests) - 1
	at := float64(dice>>11) / (1 << 53) * p.requests[last].until
	i := sort.Search(last, func(i int) bool { return p.requests[i].until > at })
	return &p.requests[i]
}

// mix is the splitmix64 generator's n-th value after a seed (Steele, Lea and Flood, OOPSLA 2014).
func mix(seed, n uint64) uint64 {
	z := seed + (n+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
