// Package written writes what was learned of a service as a scenario and a contract.
//
// In goes a [discover.Learned]; out come YAML texts, which `brrtload run` reads.
package written

import (
	"fmt"
	"strings"

	"brrtload/internal/discover"
)

// requests of the scenario that are not of a known path.
const (
	unmatchedName = "no such path"
	headName      = "head"
	wrongName     = "post"
	unmatchedPath = "/brrtload-no-such-path"
)

// file builds a scenario.
type file struct{ strings.Builder }

func (f *file) say(format string, args ...any) { fmt.Fprintf(f, format+"\n", args...) }

// out writes a block as a comment.
func (f *file) out(reason, block string) {
	f.say("  # %s", reason)
	for line := range strings.Lines(block) {
		f.say("  # %s", strings.TrimRight(line, "\n"))
	}
}

// Scenario writes what was learned as a scenario that can be run: what to send, and what must hold.
func Scenario(l *discover.Learned, name string) string {
	var f file
	f.say("# yaml-language-server: $schema=scenario.schema.json")
	f.say("# %s: load for %s, and what must hold of it. "+
		"Written by `brrtload init` from an experiment with %d requests.", name, l.URL, l.Sent)
	f.say("# Check it with `brrtload validate %[1]s.yaml`, run it with `brrtload run %[1]s.yaml`. "+
		"Every limit here is a start: change it.", name)
	for _, finding := range l.Announced() {
		f.say("# Finding: %s.", finding)
	}
	if i := l.Instrumentation; i != nil {
		f.say("# Instrumentation: %s, by its names. Known of it:", i.Title)
		for _, quirk := range i.Quirks {
			f.say("# - %s", quirk)
		}
	}
	f.say("description: known paths of %s at %d/s",
		strings.TrimPrefix(strings.TrimPrefix(l.URL, "http://"), "https://"), discover.LoadRate)
	f.say("")
	f.say("# The service that is loaded, and where its metrics are.")
	f.say("target:")
	f.say("  url: %s", discover.Quoted(l.URL))
	if first := l.Paths[0]; first.Status < 300 {
		f.say("  ready: %s # the load begins when this answers with a 2xx", discover.Quoted(first.Path))
	}
	f.say("  metrics: %s", discover.Quoted(l.Metrics))
	if len(l.Scraping) > 0 {
		f.say("scrape:")
		f.say("  http: # the metrics ask for what the requests show")
		for _, line := range l.Scraping {
			f.say("    %s", line)
		}
	}
	f.say("")
	f.say("# How fast. The warm-up is counted, and not judged by budgets. " +
		"The experiment calibrated the limits at this rate.")
	f.say("warmup: {rate: %d, duration: 2s}", discover.LoadRate)
	f.say("stages:")
	f.say("  - {name: steady load, rate: %d, duration: 10s}", discover.LoadRate)
	f.say("")
	writeRequests(l, &f)
	writeIdentities(l, &f)
	writeBudgets(l, &f)
	writeGauge(l, &f)
	if Contract(l, "") != "" {
		f.say("# The contract: metrics, types and labels that dashboards and alerts rely on.")
		f.say("contract: %s", discover.Quoted(name+".contract.yaml"))
	}
	return f.String()
}
