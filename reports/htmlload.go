package reports

import (
	"cmp"
	"fmt"

	"brrtload/internal/quantity"
)

type failureView struct{ Request, Status, Outcome, Text string }

type requestView struct{ Name, Hits, Rate, Errors, P50, P95, P99, Max string }

type ledgerView struct{ Request, Credential, Status, Outcome, Hits string }

func failureViews(r Report) (views []failureView) {
	for _, f := range r.Failures {
		status := "–"
		if f.Status != 0 {
			status = fmt.Sprint(f.Status)
		}
		views = append(views, failureView{line(f.Request, nameWidth), status, line(f.Outcome, nameWidth),
			line(cmp.Or(f.Error, f.Body), 200)})
	}
	return views[:min(len(views), maxCounts)]
}

func requestViews(r Report) (views []requestView) {
	for _, q := range slowestFirst(r.Requests) {
		if q.Hits == 0 {
			continue
		}
		l := q.Latency
		views = append(views, requestView{line(q.Name, nameWidth), count(q.Hits), quantity.Show(q.Rate, "") + "/s",
			count(q.Errors), quantity.Seconds(l.P50), quantity.Seconds(l.P95), quantity.Seconds(l.P99), quantity.Seconds(l.Max)})
	}
	return views
}

func ledgerViews(r Report) (views []ledgerView) {
	for _, e := range r.Ledger {
		status := "–"
		if e.Status != 0 {
			status = fmt.Sprint(e.Status)
		}
		views = append(views, ledgerView{line(e.Request, nameWidth), line(e.Credential, nameWidth), status,
			line(e.Outcome, nameWidth), count(e.Hits)})
	}
	return views
}
