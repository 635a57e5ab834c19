package page

import (
	"cmp"
	"fmt"

	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

type failureView struct{ Request, Status, Outcome, Text string }

type requestView struct{ Name, Hits, Rate, Errors, P50, P95, P99, Max string }

type ledgerView struct{ Request, Credential, Status, Outcome, Hits string }

func failureViews(r reports.Report) (views []failureView) {
	for _, f := range r.Failures {
		status := "–"
		if f.Status != 0 {
			status = fmt.Sprint(f.Status)
		}
		views = append(views, failureView{fit.Line(f.Request, fit.NameWidth), status, fit.Line(f.Outcome, fit.NameWidth),
			fit.Line(cmp.Or(f.Error, f.Body), 200)})
	}
	return views[:min(len(views), maxCounts)]
}

func requestViews(r reports.Report) (views []requestView) {
	for _, q := range tables.SlowestFirst(r.Requests) {
		if q.Hits == 0 {
			continue
		}
		l := q.Latency
		views = append(views, requestView{fit.Line(q.Name, fit.NameWidth), tables.Count(q.Hits), quantity.Show(q.Rate, "") + "/s",
			tables.Count(q.Errors), quantity.Seconds(l.P50), quantity.Seconds(l.P95), quantity.Seconds(l.P99), quantity.Seconds(l.Max)})
	}
	return views
}

func ledgerViews(r reports.Report) (views []ledgerView) {
	for _, e := range r.Ledger {
		status := "–"
		if e.Status != 0 {
			status = fmt.Sprint(e.Status)
		}
		views = append(views, ledgerView{fit.Line(e.Request, fit.NameWidth), fit.Line(e.Credential, fit.NameWidth), status,
			fit.Line(e.Outcome, fit.NameWidth), tables.Count(e.Hits)})
	}
	return views
}
