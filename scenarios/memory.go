package scenarios

import (
	"fmt"
	"net/url"

	"brrtload/internal/diag"
)

// Memory is how the target's allocations are seen from outside. It is written as a mapping, or as the
// name of the tool alone.
type Memory struct {
	At    diag.Position           `yaml:",position"`
	Tool  MemoryTool              `yaml:"tool,required"` // pprof: profiles are fetched over HTTP; heaptrack, dhat, massif: the command is started under that tool
	Sites map[string]diag.Pattern `yaml:"sites"`         // name of a site to the functions that make it: a stack with such a function belongs to it, the innermost counts; by default a site is the innermost function that is no library's
	URL   diag.Text               `yaml:"url"`           // where pprof fetches profiles: a URL, or a path at the metrics' origin; /debug/pprof/heap by default
}

// MemoryTool is a memory profiler.
type MemoryTool string

// The tools. Package internal/memory reads what they write.
const (
	Pprof     MemoryTool = "pprof"
	Heaptrack MemoryTool = "heaptrack"
	DHAT      MemoryTool = "dhat"
	Massif    MemoryTool = "massif"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *MemoryTool) UnmarshalText(text []byte) error {
	return diag.Choose(t, text, Pprof, Heaptrack, DHAT, Massif)
}

// Wraps reports whether the tool starts the target's command. One that does slows the target.
func (t MemoryTool) Wraps() bool { return t != Pprof && t != "" }

// UnmarshalNode implements diag.Unmarshaler.
func (m *Memory) UnmarshalNode(n diag.Node) error {
	if n.IsScalar() {
		m.At = n.Position()
		return n.Decode(&m.Tool)
	}
	type fields Memory
	return n.Decode((*fields)(m))
}

// maxNamedSites bounds the sites that are named, each of which is a series.
const maxNamedSites = 100

// DefaultProfilePath is where Go programs serve the profile of their heap.
const DefaultProfilePath = "/debug/pprof/heap"

// CheckMemory wants a tool that can see this target. The error is a [diag.List].
func (s *Scenario) CheckMemory() error {
	m := s.Memory
	if m == nil {
		return nil
	}
	var found diag.List
	complain := func(text string) { found = append(found, s.at(m.At, "%s", text)) }
	switch {
	case m.Tool == "" || s.Target.At == (diag.Position{}): // said already
	case m.Tool.Wraps() && m.URL.Value != "":
		found = append(found, m.URL.Errorf(`"url" belongs to pprof; %s writes a file`, m.Tool))
	case m.Tool.Wraps() && s.Target.Bundled != nil:
		complain(string(m.Tool) + " does not see the allocations of a Go program, which the bundled service is; use pprof")
	case m.Tool.Wraps() && len(s.Target.Command) == 0:
		complain(string(m.Tool) + ` starts the program that it looks at: give the target a "command"; pprof looks at one that runs already`)
	case m.Tool == Pprof && m.URL.Value == "" && s.Target.Bundled == nil && !s.OwnMetrics():
		complain("profiles are fetched where the metrics are, and this target has none; give memory: {tool: pprof, url: …}")
	}
	if len(m.Sites) > maxNamedSites {
		complain(fmt.Sprintf("%d sites are named; at most %d are", len(m.Sites), maxNamedSites))
	}
	checkURL(m.URL, true, &found)
	if u, err := url.Parse(m.URL.Value); err == nil && u.Fragment != "" {
		found = append(found, m.URL.Errorf("a URL that is fetched has no fragment"))
	}
	return found.Err()
}
