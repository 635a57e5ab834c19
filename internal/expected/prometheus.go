package expected

import "brrtload/reports"

// Prometheus are the troubles of a server that the series of a service are read from.
var Prometheus = []Trouble{
	{"it answers", reports.StatusPass, []string{"PASS fixture"}},
	{"nothing listens at the server's address", reports.StatusUnreachable, []string{"connection refused"}},
	{"401, and no credentials were given", reports.StatusUnreachable, []string{"it wants credentials: give scrape: {prometheus: {http: {basic_auth"}},
	{"401 without the credentials that the scenario gives", reports.StatusPass, []string{"PASS fixture"}},
	{"403", reports.StatusUnreachable, []string{"the credentials under http do not permit the query"}},
	{"404", reports.StatusUnreachable, []string{"no query API there; url is what stands before /api/v1"}},
	{"422 for the samples, as when they are more than the server permits", reports.StatusUnreachable, []string{"it cannot carry out the query", "too many samples into memory"}},
	{"429 always", reports.StatusUnreachable, []string{"it limits the rate"}},
	{"503 always", reports.StatusUnreachable, []string{"status 503"}},
	{"503 once", reports.StatusPass, []string{"PASS fixture"}},
	{"it hangs", reports.StatusUnreachable, []string{"no complete answer in 20s: it is slow or hangs"}},
	{"a page for people (text/html)", reports.StatusUnreachable, []string{"the answer is none of a Prometheus API"}},
	{"the answer is cut short", reports.StatusUnreachable, []string{"the answer was cut short"}},
	{"a redirect to another host", reports.StatusUnreachable, []string{"it redirects to another host, prometheus.example"}},
	{"no series matches", reports.StatusUnreachable, []string{`no series matches {job="shop"} now`}},
	{"only results of recording rules match", reports.StatusUnreachable, []string{"matches no series with a label instance"}},
	{"two jobs scrape the service", reports.StatusUnreachable, []string{"is scraped by several jobs (pods, shop)"}},
	{"two servers scrape it, and nothing merges their series", reports.StatusUnreachable, []string{"with different values of the label replica"}},
	{"its clock is an hour ahead", reports.StatusPass, []string{"PASS fixture"}},
	{"it cannot scrape the service once under load", reports.StatusPass, []string{"Prometheus could not read it: up is 0"}},
	{"it scrapes the service no longer from the end of the load on", reports.StatusInconclusive, []string{"waited in vain for a scrape by Prometheus", "INCONCLUSIVE"}},
	{"it is gone after the load", reports.StatusUnreachable, []string{"metrics lost in", "after the load the target's metrics could not be read any longer"}},
	{"the samples come with a warning that they are partial", reports.StatusInconclusive, []string{"the answer may be partial"}},
	{"the process restarts under load", reports.StatusInconclusive, []string{"restarted", "INCONCLUSIVE"}},
	{"the service counts each request twice", reports.StatusUntruthful, []string{"UNTRUTHFUL fixture: requests"}},
	{"other clients call the service at 20/s", reports.StatusPass, []string{"before the load these already moved: fixture_requests_total"}},
	{"a stage is shorter than three scrapes", reports.StatusInconclusive, []string{"let it last", "or scrape the service itself"}},
}
