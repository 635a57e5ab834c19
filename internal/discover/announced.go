package discover

import "fmt"

// Announced lists what a run of the written scenario will find, or cannot find out, and what to do
// about it.
func (l *Learned) Announced() (findings []string) {
	switch {
	case l.Turns:
		findings = append(
			findings,
			"several processes answer in turn, each with its own counts: a run is inconclusive (exit status 4). "+
				"Merge their counts (client_python: PROMETHEUS_MULTIPROC_DIR; prom-client: AggregatorRegistry), or scrape one process",
		)
	case l.Counter == nil:
		findings = append(findings, "no metric counted the requests, so the scenario compares no counts: "+
			"is the instrumentation in front of these paths? Is this its metrics endpoint?")
	default:
		for _, k := range []struct {
			kind string
			n    float64
		}{{Unmatched, ofUnmatched}, {Head, ofHead}, {Asked, ofOptions}, {OtherHost, ofOtherHost}} {
			if all, none := l.Counter.Countable(k.kind); !all && !none {
				findings = append(
					findings,
					fmt.Sprintf("%s counted %g of %g requests of the kind %q, so the scenario sends none of them",
						l.Counter.Name, l.Counter.Counts[k.kind], k.n, k.kind),
				)
			}
		}
	}
	return findings
}
