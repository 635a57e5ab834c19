package checks

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

const (
	// leastGap is by how much a service must be faster than its client to be looked at, in seconds:
	// less than that passes on the way.
	leastGap = 0.01
	// minSlow is how many slow answers, and minQuick how many quick ones, are enough to tell.
	minSlow, minQuick = 5, 50
	// oftenLate is the share of quick requests that may take longer than the gap, before the way
	// itself is called slow.
	oftenLate = 0.02
	// onTheWay is how many bytes a second may pass, in seconds a byte: a service is done with a
	// body that the client is still reading.
	onTheWay = 1e-6
)

// kindOf is what the client measured of one request.
type kindOf struct{ n, bytes, slow, late float64 }

// faster returns what is wrong, or nil, where the service is much faster than its client: its clock
// stops before the answer is written, its times are cut off, or the wait before a worker is left
// out. What passes on the way, and in a generator that is late, the client measures as well; the
// quick requests of the same run show how long that is. So only requests are looked at of which at
// least half take longer, at the client, than one and a half times a bound, while hardly any quick
// request takes as long as the difference. The inner histogram must have at least half of them
// above the bound.
func (c *Within) faster(ctx context.Context, e facts.Evidence, w facts.Window,
	both compared) (*assertions.Finding, error) {
	if !c.byClient() {
		return nil, nil
	}
	kinds, err := c.kinds(ctx, e, w)
	if err != nil {
		return nil, err
	}
	var busy *assertions.Finding // where quick answers were late, too
	for _, b := range both.inner {
		if b.Bound <= 0 || math.IsInf(b.Bound, 1) {
			continue
		}
		over := math.Exp2(math.Ceil(math.Log2(1.5 * b.Bound)))
		gap := over - b.Bound
		if gap < leastGap {
			continue
		}
		for _, share := range []struct {
			AboveLast float64
			note      func(*kindOf, float64)
		}{
			{over, func(k *kindOf, v float64) { k.slow = v }},
			{math.Exp2(math.Floor(math.Log2(gap))), func(k *kindOf, v float64) { k.late = v }},
		} {
			answer, err := e.Query(ctx,
				fmt.Sprintf("histogram_fraction(%s, +Inf, sum by (request) (increase(%s[range()] anchored)))",
					promql.Number(share.AboveLast), c.outer()), w)
			if err != nil {
				return nil, err
			}
			for _, s := range answer.Series {
				if k := kinds[s.Labels["request"]]; k != nil {
					share.note(k, s.Value)
				}
			}
		}
		slow, quick, late, names := 0.0, 0.0, 0.0, []string(nil)
		for _, name := range slices.Sorted(maps.Keys(kinds)) {
			switch k := kinds[name]; {
			case k.slow >= 0.5 && k.bytes*onTheWay < gap/2:
				slow += k.slow * k.n
				names = append(names, name)
			case k.late < 0.5:
				quick += k.n
				late += k.late * k.n
			}
		}
		slow = math.Round(slow - both.unanswered - both.untimed())
		above := max(0, both.timed-b.Count)
		if slow < minSlow || quick < minQuick || above >= slow/2 {
			continue
		}
		f := assertions.Finding{Verdict: assertions.Untruthful, Samples: both.samples,
			Text: fmt.Sprintf("the client waited longer than %s for %s answers (%s), but %s has %s times above %s",
				quantity.Of(over, "s"), quantity.Quantity{Value: slow}, strings.Join(names,
					", "), c.Inner, quantity.Quantity{Value: above}, quantity.Of(b.Bound, "s"))}
		if late <= oftenLate*quick {
			f.Text += ": it leaves out most of the time"
			return &f, proxied(ctx, e, &f)
		}
		if busy == nil {
			f.Doubtful(f.Text + fmt.Sprintf(", and %s of quick answers were late by as much: the machine is busy",
				quantity.Of(late/quick, "ratio")))
			busy = &f
		}
	}
	return busy, nil
}

// proxied makes a finding inconclusive when the time may have passed in a proxy: it is not known
// that the process to which the client connects is the one that exposes the metrics.
func proxied(ctx context.Context, e facts.Evidence, f *assertions.Finding) error {
	w, ok := e.Window(facts.Scraped)
	if !ok {
		return nil
	}
	exposes, known, err := promql.Single(ctx, e, w, promql.Must(`min(min_over_time(brrtload_target_exposes[range()]))`))
	if err != nil {
		return err
	}
	why, err := doubts.OtherProcess(ctx, e, w)
	if err != nil || known && exposes > 0 && why == "" {
		return err
	}
	f.Doubtful(f.Text + ", or a proxy in between adds it; let target.command start the service, without the proxy, to tell")
	return nil
}

// kinds returns how many outer times every request has, and how many bytes a hit.
func (c *Within) kinds(ctx context.Context, e facts.Evidence, w facts.Window) (map[string]*kindOf, error) {
	kinds := map[string]*kindOf{}
	counts, err := e.Query(ctx, fmt.Sprintf("histogram_count(sum by (request) (increase(%s[range()] anchored)))",
		c.outer()), w)
	if err != nil {
		return nil, err
	}
	for _, s := range counts.Series {
		if s.Value > 0 {
			kinds[s.Labels["request"]] = &kindOf{n: s.Value}
		}
	}
	for _, metric := range []string{"brrtload_response_bytes_total", "brrtload_request_bytes_total"} {
		bytes, err := e.Query(ctx, fmt.Sprintf("sum by (request) (increase(%s[range()] anchored))",
			promql.Selecting(metric, c.Outer.Matchers())), w)
		if err != nil {
			return nil, err
		}
		for _, s := range bytes.Series {
			if k := kinds[s.Labels["request"]]; k != nil {
				k.bytes += s.Value / k.n
			}
		}
	}
	return kinds, nil
}
