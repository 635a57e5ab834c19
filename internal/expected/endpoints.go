package expected

import "brrtload/reports"

// Endpoints are the troubles of a metrics endpoint.
var Endpoints = []Trouble{
	{"nothing listens at the endpoint's address", reports.StatusUnreachable, []string{"connection refused"}},
	{"it hangs", reports.StatusUnreachable, []string{"no complete answer in 5s: it is slow or hangs"}},
	{"it hangs in the middle of the load, over the edge of a stage", reports.StatusInconclusive, []string{"late, for the one before was still under way"}},
	{"it takes 100 ms, less than the interval", reports.StatusPass, []string{"PASS fixture"}},
	{"it takes 600 ms, more than the interval", reports.StatusUntruthful, []string{"exposition-prompt", "were left out, for the one before was still under way"}},
	{"401, and no credentials were given", reports.StatusUnreachable, []string{"it wants credentials: give the scenario scrape: {http: {basic_auth"}},
	{"401 without the credentials that the scenario gives", reports.StatusPass, []string{"PASS fixture"}},
	{"404", reports.StatusUnreachable, []string{"no exposition at this path; /metrics is usual"}},
	{"500 always", reports.StatusUnreachable, []string{"the target's metrics cannot be read", "status 500"}},
	{"500 once, at the baseline", reports.StatusPass, []string{"the baseline scrape was taken again"}},
	{"500 once under load, not at an edge", reports.StatusPass, []string{"scrapes of target failed, the last because", "status 500"}},
	{"500 at the edge of a stage", reports.StatusInconclusive, []string{"failed, and what begins or ends there is inconclusive"}},
	{"500 from the end of the load on", reports.StatusUntruthful, []string{"exposition-readable", `the run has no complete window "run": the final scrape failed`}},
	{"no answer from the end of the load on", reports.StatusUnreachable, []string{"metrics lost in", "after the load the target's metrics could not be read any longer"}},
	{"the body ends before its length", reports.StatusUnreachable, []string{"the body was cut short after"}},
	{"the body ends within a line", reports.StatusUnreachable, []string{"the last line has no line feed: the exposition was cut short"}},
	{"garbage among the lines", reports.StatusUnreachable, []string{"line 4: "}},
	{"200 MB", reports.StatusUnreachable, []string{"the body is larger than 67108864 bytes"}},
	{"a page for people (text/html)", reports.StatusUnreachable, []string{"is not an exposition; is this the metrics endpoint?"}},
	{"no Content-Type", reports.StatusUnreachable, []string{"the answer has no Content-Type"}},
	{"text/plain without a version", reports.StatusPass, []string{"text/plain without a version"}},
	{"gzip, though identity was asked for", reports.StatusUnreachable, []string{`it answers with content encoding "gzip" though identity was asked for`}},
	{"a redirect on the same host", reports.StatusPass, []string{"PASS fixture"}},
	{"a redirect to another host", reports.StatusUnreachable, []string{"it redirects to another host, metrics.example"}},
	{"the same series twice", reports.StatusPass, []string{"exposed series twice in one scrape"}},
	{"the process restarts under load", reports.StatusInconclusive, []string{"the service restarted, and what it counted since the scrape before is lost", "INCONCLUSIVE"}},
	{"other clients call the service at 20/s, and an identity reads what they move", reports.StatusPass, []string{`before the load these already moved: fixture_requests_total{status="200"} by`}},
	{"other clients call the service, and no assertion reads what they move", reports.StatusPass, []string{"before the load these already moved: others_total by"}},
}
