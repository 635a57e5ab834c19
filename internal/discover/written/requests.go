package written

import (
	"fmt"

	"brrtload/internal/discover"
)

func writeRequests(l *discover.Learned, f *file) {
	f.say("# What is sent, drawn by weight.")
	f.say("requests:")
	for _, p := range l.Paths {
		expect := ""
		if !discover.Good(p.Status) {
			expect = fmt.Sprintf(", expect: [%d]", p.Status)
		}
		f.say("  - {name: %s, get: %s, weight: %d%s%s}", discover.Quoted("GET "+p.Path),
			discover.Quoted(escaped(p.Path)), max(1, 8/len(l.Paths)), expect, l.Headers())
	}
	if status, ok := sends(l, discover.Unmatched); ok {
		f.say("  # A path that no route matches: many services count these differently, or not at all.")
		f.say("  - {name: %s, get: %s, expect: [%d]%s}", unmatchedName, unmatchedPath, status, l.Headers())
	}
	if status, ok := sends(l, discover.Head); ok {
		f.say("  - {name: %s, head: %s, expect: [%d]%s}",
			headName, discover.Quoted(escaped(l.Paths[0].Path)), status, l.Headers())
	}
	if status, ok := sends(l, discover.Wrong); ok {
		f.say("  - {name: %s, post: %s, expect: [%d]%s}",
			wrongName, discover.Quoted(escaped(l.Paths[0].Path)), status, l.Headers())
	}
	f.say("")
}

// sends reports whether the scenario sends requests of a kind: when all were answered with one
// status, and all or none were counted.
func sends(l *discover.Learned, kind string) (status int, ok bool) {
	for _, s := range l.Steps {
		if s.Kind != kind || len(s.Statuses) != 1 {
			continue
		}
		for status, n := range s.Statuses {
			all, none := true, false
			if l.Counter != nil {
				all, none = l.Counter.Countable(kind)
			}
			return status, n == s.Sent && (all || none)
		}
	}
	return 0, false
}

// omitted lists the requests of the scenario that the counter leaves out.
func omitted(l *discover.Learned) (names []string) {
	for _, k := range []struct{ kind, name string }{{discover.Unmatched, unmatchedName}, {discover.Head, headName}, {discover.Wrong, wrongName}} {
		if _, none := l.Counter.Countable(k.kind); none {
			if _, sent := sends(l, k.kind); sent {
				names = append(names, k.name)
			}
		}
	}
	return names
}
