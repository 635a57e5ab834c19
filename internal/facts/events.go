package facts

import "time"

// The types that the value of a field of a log event can fit.
const (
	TextField    = "text"
	IntegerField = "integer"
	NumberField  = "number"
	BooleanField = "boolean"
)

// LevelField is the field of a log event that has its level.
const LevelField = "@level"

// always is a window without edges: events of one shape stand at the time when the shape was first
// seen, whenever it was seen last.
var Always = Window{Name: Run, End: time.Unix(1<<40, 0)}

// Wants is what the intake of log events and spans must keep so that a list of assertions can be
// judged.
type Wants struct {
	Events     map[string]EventWants // by the event's name
	SpanLabels map[string]string     // labels that spans are counted by, to the attributes that have their values
	Attributes []string              // of the root span of a trace
}

// EventWants is what must be kept of the log events of one name.
type EventWants struct {
	Labels map[string]string // labels that they are counted by, to the fields that have their values
	Fields []string          // whose types are kept
}

// The sources of events.
const (
	// FromLog are log events of one name and one shape: a field's value is the list of the types
	// that it fits.
	FromLog    = "log"
	FromTrace  = "trace"  // traces of one shape
	FromScreen = "screen" // a place where a secret was found: its name
)

// The fields of a place where a secret was found, as far as they are known.
const (
	OwnerField = "owner" // what of the scenario the secret is: a credential, with its name
	LineField  = "line"  // the first line that had it, and of which file
)

// The fields of an event that stands for traces of one shape. What is absent is 0, or not so.
const (
	TraceRoots   = "roots"   // spans whose parent is not in the trace, and need not be
	TraceOrphans = "orphans" // spans whose parent is not in the trace, and must be
	TraceTwins   = "twins"   // spans with the id of another
	// of a trace that the load began: whether its root is the child of the span that was sent
	TraceJoined    = "joined"
	TraceRoot      = "root"       // the kind of the root
	TraceAttribute = "attribute " // before an attribute's name: its value at the root
	TraceChild     = "child "     // before a span's name: how many such children the root has
	TraceDeeper    = "deeper "    // before a span's name: how many such spans are further below
)
