package discover

import "fmt"

func (l *Learned) writeRequests(f *file) {
	f.say("# What is sent, drawn by weight.")
	f.say("requests:")
	for _, p := range l.Paths {
		expect := ""
		if !good(p.Status) {
			expect = fmt.Sprintf(", expect: [%d]", p.Status)
		}
		f.say(
			"  - {name: %s, get: %s, weight: %d%s%s}",
			quoted("GET "+p.Path),
			quoted(escaped(p.Path)),
			max(1, 8/len(l.Paths)),
			expect,
			l.headers(),
		)
	}
	if status, ok := l.sends(Unmatched); ok {
		f.say("  # A path that no route matches: many services count these differently, or not at all.")
		f.say("  - {name: %s, get: %s, expect: [%d]%s}", unmatchedName, unmatchedPath, status, l.headers())
	}
	if status, ok := l.sends(Head); ok {
		f.say(
			"  - {name: %s, head: %s, expect: [%d]%s}",
			headName,
			quoted(escaped(l.Paths[0].Path)),
			status,
			l.headers(),
		)
	}
	if status, ok := l.sends(Wrong); ok {
		f.say(
			"  - {name: %s, post: %s, expect: [%d]%s}",
			wrongName,
			quoted(escaped(l.Paths[0].Path)),
			status,
			l.headers(),
		)
	}
	f.say("")
}

// sends reports whether the scenario sends requests of a kind: when all were answered with one
// status, and all or none were counted.
func (l *Learned) sends(kind string) (status int, ok bool) {
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
func (l *Learned) omitted() (names []string) {
	for _, k := range []struct{ kind, name string }{{Unmatched, unmatchedName}, {Head, headName}, {Wrong, wrongName}} {
		if _, none := l.Counter.Countable(k.kind); none {
			if _, sent := l.sends(k.kind); sent {
				names = append(names, k.name)
			}
		}
	}
	return names
}
