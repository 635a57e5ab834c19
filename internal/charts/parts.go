package charts

import (
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"brrtload/assertions"
	"brrtload/reports"
)

// parts is how many parts of its window a residual or a trend has: each is a judgement of its own.
const parts = 24

// residuals adds, for every identity whose counts ever differed, what the client counted more than the
// service from the baseline to the end of each part. Exact counts add up, so that the last value is what
// the judge saw.
func (t *drawn) residuals(whole assertions.Window) {
	step := whole.End.Sub(whole.Start) / parts
	found := make([][]reports.Residual, len(t.in.Assertions))
	t.each(func(n int, a assertions.Assertion) {
		if a.About().Sides == nil {
			return
		}
		sums := map[string]*reports.Residual{}
		for i := range parts {
			c, _ := assertions.Over(t.ctx, t.in.Store, a, part(whole, step, i))
			for _, f := range c.Findings {
				if f.Count == nil {
					continue
				}
				key := series(f.Series)
				r := sums[key]
				if r == nil {
					r = &reports.Residual{Check: c.ID, Series: key, Values: make(reports.Values, parts), Ambiguous: make(reports.Values, parts)}
					sums[key] = r
				}
				r.Values[i] += f.Count.Client - f.Count.Server
				r.Ambiguous[i] += f.Count.Ambiguous
			}
		}
		for _, key := range slices.Sorted(maps.Keys(sums)) {
			r := sums[key]
			for i := 1; i < parts; i++ {
				r.Values[i] += r.Values[i-1]
				r.Ambiguous[i] += r.Ambiguous[i-1]
			}
			if allZero(r.Ambiguous) {
				r.Ambiguous = nil
			}
			if !allZero(r.Values) {
				found[n] = append(found[n], *r)
			}
		}
	})
	t.Residuals = slices.Concat(found...)
}

// trends adds, for every budget with one value, what it measures in each part of its window, and when it
// first failed.
func (t *drawn) trends() {
	found := make([]*reports.Trend, len(t.in.Assertions))
	t.each(func(n int, a assertions.Assertion) {
		b := a.About()
		if b.Limits == nil {
			return
		}
		w, ok := t.in.Store.Window(b.Window)
		if !ok {
			return
		}
		step := w.End.Sub(w.Start) / parts
		trend := reports.Trend{Check: b.ID, From: w.Start.Sub(t.in.Began).Seconds(), Step: step.Seconds()}
		for i := range parts {
			c, _ := assertions.Over(t.ctx, t.in.Store, a, part(w, step, i))
			value := math.NaN()
			if worst, ok := c.Worst(); ok && worst.Measured != nil {
				value = *worst.Measured
				if worst.Verdict == assertions.Fail && trend.Failed == nil {
					at := trend.From + float64(i+1)*trend.Step
					trend.Failed = &at
				}
			}
			trend.Values = append(trend.Values, value)
		}
		if !empty(trend.Values) {
			found[n] = &trend
		}
	})
	for _, trend := range found {
		if trend != nil {
			t.Trends = append(t.Trends, *trend)
		}
	}
}

// each calls do for every assertion, several at once.
func (t *drawn) each(do func(int, assertions.Assertion)) {
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var working sync.WaitGroup
	for n, a := range t.in.Assertions {
		slots <- struct{}{}
		working.Go(func() {
			defer func() { <-slots }()
			do(n, a)
		})
	}
	working.Wait()
}

// part returns part i of a window.
func part(w assertions.Window, step time.Duration, i int) assertions.Window {
	p := assertions.Window{Start: w.Start.Add(time.Duration(i) * step), End: w.Start.Add(time.Duration(i+1) * step)}
	if i == parts-1 {
		p.End = w.End
	}
	return p
}

// series writes labels as a selector has them.
func series(of map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		pairs = append(pairs, name+"="+of[name])
	}
	return strings.Join(pairs, " ")
}
