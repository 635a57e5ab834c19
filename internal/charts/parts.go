package charts

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"

	"brrtload/assertions"
	"brrtload/internal/facts"
	"brrtload/reports"
)

// parts is how many parts of its window a residual or a trend has: each is a judgement of its own.
const parts = 24

// residuals adds, for every identity whose counts ever differed, what the client counted more than
// the service from the baseline to the end of each part. Exact counts add up, so that the last
// value is what the judge saw.
func (t *drawn) residuals(whole facts.Window) {
	found := make([][]reports.Residual, len(t.in.Assertions))
	t.each(func(n int, a assertions.Assertion) error {
		identity, is := a.(assertions.Counter)
		if !is {
			return nil
		}
		sums, e := map[string]*reports.Residual{}, newSplit(t.in.Store, whole, parts)
		for i := range parts {
			findings, err := identity.Counted(t.ctx, e, e.part(i))
			if err != nil {
				return err
			}
			for _, f := range findings {
				key := series(f.Series)
				r := sums[key]
				if r == nil {
					r = &reports.Residual{Check: a.About().ID, Series: key,
						Values: make(reports.Values, parts), Ambiguous: make(reports.Values, parts)}
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
		return nil
	})
	t.Residuals = slices.Concat(found...)
}

// trends adds, for every budget with one value, what it measures in each part of its window, and
// when it first failed.
func (t *drawn) trends() {
	found := make([]*reports.Trend, len(t.in.Assertions))
	t.each(func(n int, a assertions.Assertion) error {
		b, is := a.(assertions.Measurer)
		if !is {
			return nil
		}
		w, ok := t.in.Store.Window(a.About().Window)
		if !ok {
			return nil
		}
		e := newSplit(t.in.Store, w, parts)
		trend := reports.Trend{Check: a.About().ID, From: e.start.Sub(t.in.Began).Seconds(), Step: e.step.Seconds()}
		for i := range parts {
			worst, ok, err := b.Measured(t.ctx, e, e.part(i))
			if err != nil {
				return err
			}
			value := math.NaN()
			if ok {
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
		return nil
	})
	for _, trend := range found {
		if trend != nil {
			t.Trends = append(t.Trends, *trend)
		}
	}
}

// each calls do for every assertion, several at once: those first that did not hold. One that had
// nothing to look at is left out. The first error stays.
func (t *drawn) each(do func(int, assertions.Assertion) error) {
	verdicts := map[string]assertions.Verdict{}
	for _, c := range t.in.Checks {
		verdicts[c.ID] = c.Verdict
	}
	order := make([]int, len(t.in.Assertions))
	for n := range order {
		order[n] = n
	}
	of := func(n int) assertions.Verdict { return verdicts[t.in.Assertions[n].About().ID] }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(of(b), of(a)) })
	errs := make([]error, len(order))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var working sync.WaitGroup
	for _, n := range order {
		v, known := verdicts[t.in.Assertions[n].About().ID]
		if known && (v == assertions.NotApplicable || v == assertions.DoesNotFit) {
			continue
		}
		slots <- struct{}{}
		working.Go(func() {
			defer func() { <-slots }()
			errs[n] = do(n, t.in.Assertions[n])
		})
	}
	working.Wait()
	for _, err := range errs {
		if err != nil && t.err == nil {
			t.err = fmt.Errorf("charts: %w", err)
		}
	}
}

// series writes labels as a selector has them.
func series(of map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		pairs = append(pairs, name+"="+of[name])
	}
	return strings.Join(pairs, " ")
}
