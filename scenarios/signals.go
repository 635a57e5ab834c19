package scenarios

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"net"
	"regexp"
	"strings"

	"brrtload/internal/diag"
)

// Logs is how the target's log is read. The zero value reads JSON lines, as most structured loggers
// write them.
type Logs struct {
	At       diag.Position     `yaml:",position"`
	File     string            `yaml:"file"`     // what a target that brrtload starts writes to its output, when empty
	Format   diag.Text         `yaml:"format"`   // "json" or "logfmt"; json by default
	Patterns []Pattern         `yaml:"patterns"` // in place of a format: a line is the event of the first pattern that matches it; none by default
	Event    string            `yaml:"event"`    // the field that names the event; a dot leads into an object; "msg", "message" or "fields.message" by default
	Level    string            `yaml:"level"`    // the field of its level, in the same way; "level" by default
	Labels   map[string]string `yaml:"labels"`   // label that every event is counted by, to the field that has its value; none by default

	given string // File as it was written
}

// Files returns where the log may be: beside the scenario, or else in the working directory, where
// services are wont to write theirs. It returns nothing when there is no File.
func (l *Logs) Files() []string {
	switch l.given {
	case "":
		return nil
	case l.File:
		return []string{l.File}
	}
	return []string{l.File, l.given}
}

// Pattern is a kind of event in a log without fields. Named groups are its fields.
type Pattern struct {
	Event   diag.Text `yaml:"event,required"`   // the name of the event
	Pattern diag.Text `yaml:"pattern,required"` // a regular expression (RE2), which need not match the whole line
}

// Traces is which hits are traced and where spans are taken in.
type Traces struct {
	At      diag.Position `yaml:",position"`
	Ratio   *float64      `yaml:"ratio"`   // the share of hits that carry a traceparent; 1 by default
	Listen  diag.Text     `yaml:"listen"`  // loopback address of the receiver of spans, OTLP over HTTP and gRPC; a free port, passed to a started target, by default
	Sampler string        `yaml:"sampler"` // OTEL_TRACES_SAMPLER of a started target; "parentbased_always_off" by default: what carries a traceparent and nothing else
}

// DefaultSampler has a service trace what a caller asks it to, and nothing else.
const DefaultSampler = "parentbased_always_off"

// maxPatterns bounds the patterns that each log line may be held against.
const maxPatterns = 64

var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

func (s *Scenario) checkSignals(found *diag.List) {
	if l := s.Logs; l != nil {
		s.checkLogs(l, found)
	}
	t := s.Traces
	if t == nil {
		return
	}
	if r := t.Ratio; r != nil && !(*r >= 0 && *r <= 1) {
		*found = append(*found, s.at(t.At, "a ratio of traced hits lies between 0 and 1"))
	}
	if t.Listen.Value != "" {
		host, _, err := net.SplitHostPort(t.Listen.Value)
		if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			*found = append(*found,
				t.Listen.Errorf("want an address of the loopback interface, such as 127.0.0.1:4318"))
		}
	}
	for _, r := range s.Requests {
		for name := range r.Headers {
			if strings.EqualFold(name, TraceHeader) {
				*found = append(*found, s.at(r.At, `the "traces" section sends %s; leave the header out`, TraceHeader))
			}
		}
	}
}

func (s *Scenario) checkLogs(l *Logs, found *diag.List) {
	switch f := l.Format.Value; {
	case f != "" && f != "json" && f != "logfmt":
		*found = append(*found, l.Format.Errorf(`want "json" or "logfmt", got %q%s`, f,
			diag.DidYouMean(f, []string{"json", "logfmt"})))
	case f != "" && len(l.Patterns) > 0:
		*found = append(*found, l.Format.Errorf(`a log has a "format", or "patterns" where it has none`))
	case len(l.Patterns) > maxPatterns:
		*found = append(*found, s.at(l.At, "more than %d patterns", maxPatterns))
	}
	for _, p := range l.Patterns {
		if _, err := regexp.Compile(p.Pattern.Value); err != nil {
			*found = append(*found, p.Pattern.Errorf("%v", err))
		}
	}
	for label := range l.Labels {
		if !labelName.MatchString(label) || label == "event" || label == "level" {
			*found = append(*found, s.at(l.At, "%q cannot be a label here", label))
		}
	}
}

// TraceHeader is the header field that a traced hit carries (W3C Trace Context).
const TraceHeader = "Traceparent"

// Trace is the trace that a hit begins: the id of the trace and of the span that the target's is to
// be a child of. The zero value is none.
type Trace struct {
	ID     [16]byte
	Parent [8]byte
}

// IsZero reports whether the hit is not traced.
func (t Trace) IsZero() bool { return t == Trace{} }

// traceParentLength is the length of a traceparent field's value.
const traceParentLength = len("00-") + 32 + len("-") + 16 + len("-01")

// AppendTo appends the value of the traceparent field, in which the trace is marked as sampled.
func (t Trace) AppendTo(b []byte) []byte {
	b = append(b, "00-"...)
	b = hex.AppendEncode(b, t.ID[:])
	b = append(b, '-')
	b = hex.AppendEncode(b, t.Parent[:])
	return append(b, "-01"...)
}

// String returns the value of the traceparent field.
func (t Trace) String() string { return string(t.AppendTo(make([]byte, 0, traceParentLength))) }

// tracing tells which hits are traced and by which ids: pure functions of the seed and the hit's
// number. An id begins with the hit's number, masked, so that it can be read back; what follows is
// drawn, and shows that the id is ours. Samplers look at that part.
type tracing struct {
	below uint64 // a hit whose die is below is traced
	all   bool
	seed  uint64
}

// The dice of traces, apart from those of hits.
const (
	traceDie  = 0x7472616365 // "trace"
	parentDie = 0x706172656e // "paren"
)

func (s *Scenario) tracing(seed uint64) tracing {
	if s.Traces == nil {
		return tracing{}
	}
	ratio := 1.0
	if s.Traces.Ratio != nil {
		ratio = *s.Traces.Ratio
	}
	return tracing{all: ratio == 1, below: uint64(ratio * (1 << 63)), seed: mix(seed, traceDie)}
}

// of returns the trace of hit n, the zero value when it is not traced. It allocates nothing.
func (t *tracing) of(n uint64) Trace {
	if t.below == 0 {
		return Trace{}
	}
	die := mix(t.seed, n)
	if !t.all && die>>1 >= t.below {
		return Trace{}
	}
	var out Trace
	binary.BigEndian.PutUint64(out.ID[:8], n^t.seed)
	binary.BigEndian.PutUint64(out.ID[8:], die)
	binary.BigEndian.PutUint64(out.Parent[:], max(1, mix(die, parentDie)))
	return out
}

// Traced returns the number of the hit that began a trace, and the trace as it was sent; false when
// no hit of this plan did.
func (p *Plan) Traced(id [16]byte) (n uint64, sent Trace, ours bool) {
	n = binary.BigEndian.Uint64(id[:8]) ^ p.tracing.seed
	sent = p.tracing.of(n)
	return n, sent, p.tracing.below > 0 && sent.ID == id
}

// SamplerName returns the OTEL_TRACES_SAMPLER of a started target.
func (t Traces) SamplerName() string { return cmp.Or(t.Sampler, DefaultSampler) }
