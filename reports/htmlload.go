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
		views = append(views, failureView{line(f.Request, nameWidth), status, line(f.Outcome, nameWidth), line(cmp.Or(f.Error, f.Body), 200)})
	}
	return views[:min(len(views), maxCounts)]
}

func requestViews(r Report) (views []requestView) {
	for _, q := range slowestFirst(r.Requests) {
		if q.Hits == 0 {
			continue
		}
		views = append(views, requestView{line(q.Name, nameWidth), quantity.Count(float64(q.Hits)), quantity.Show(q.Rate, "") + "/s", quantity.Count(float64(q.Errors)),
			quantity.Seconds(q.Latency.P50), quantity.Seconds(q.Latency.P95), quantity.Seconds(q.Latency.P99), quantity.Seconds(q.Latency.Max)})
	}
	return views
}

func ledgerViews(r Report) (views []ledgerView) {
	for _, e := range r.Ledger {
		status := "–"
		if e.Status != 0 {
			status = fmt.Sprint(e.Status)
		}
		views = append(views, ledgerView{line(e.Request, nameWidth), line(e.Credential, nameWidth), status, line(e.Outcome, nameWidth), quantity.Count(float64(e.Hits))})
	}
	return views
}
