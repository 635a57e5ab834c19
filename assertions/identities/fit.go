package identities

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// unborn are the misfits of an identity. Those of families that are not exposed may be such as come
// with their first event.
type unborn []promql.Misfit

// unfit lists what of the identity's queries does not fit what was exposed.
func (i *Identity) unfit(ctx context.Context, e facts.Evidence, w facts.Window) (unborn, error) {
	var found unborn
	for _, q := range []promql.Query{i.Client, i.Other, i.Server, i.Ambiguous} {
		more, err := promql.Unfit(ctx, e, w, q)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// counts reports whether all that is missing may count as 0.
func (u unborn) counts(i *Identity) bool {
	zero := i.OnAbsent == assertions.ZeroWhenMissing || i.OnAbsent == assertions.PassWhenMissing
	return zero && !slices.ContainsFunc(u, func(m promql.Misfit) bool { return !m.Absent })
}

// finding reports all of them. Who says that what is missing fails means that it must be there.
func (u unborn) finding(i *Identity) assertions.Finding {
	f := assertions.Misfitting(u)
	if !slices.ContainsFunc(u, func(m promql.Misfit) bool { return !m.Absent }) {
		switch i.OnAbsent {
		case assertions.FailWhenMissing:
			f.Verdict = assertions.Untruthful
		case assertions.InconclusiveWhenMissing:
			f.Verdict = assertions.Inconclusive
		}
	}
	return f
}

// vacuous returns the finding of an identity whose sides cannot be compared, or that nothing could
// make fail.
func (i *Identity) vacuous(s sides, counts []counted, missing unborn) (assertions.Finding, bool) {
	total, able := assertions.Count{Client: s.client.Sum(), Server: s.server.Sum(), Ambiguous: s.ambiguous.Sum()}, false
	for _, c := range counts {
		able = able || c.Client != 0 || c.Server != 0 || c.Ambiguous == 0
	}
	switch {
	case len(missing) > 0 && total.Client == 0 && total.Ambiguous == 0:
		f := assertions.Misfitting(missing)
		f.Verdict, f.Text = assertions.NotApplicable, f.Text+": there was nothing to count"
		return f, true
	case len(missing) > 0:
		f := assertions.Misfitting(missing)
		f.Text += fmt.Sprintf(", and there was something to count: %s",
			quantity.Quantity{Value: total.Client + total.Ambiguous})
		return f, true
	case len(s.server.Series) == 0 && total.Client == 0 && total.Ambiguous == 0 && i.Other.IsZero() && i.ours():
		return assertions.Finding{Verdict: assertions.NotApplicable,
				Text: fmt.Sprintf("there was nothing to count: no series matches %s, and the client counted 0", i.Server)},
			true
	case len(s.server.Series) == 0 && len(s.client.Series) == 0:
		return assertions.Finding{Verdict: assertions.DoesNotFit,
			Text: fmt.Sprintf("no series matches either side: %s, %s", i.reference(), i.Server)}, true
	case !able:
		return assertions.Finding{Verdict: assertions.DoesNotFit, Text: fmt.Sprintf("it could not fail: nothing that it counts is certain, the service counted 0, and 0 to %s was allowed",
			quantity.Quantity{Value: total.Ambiguous})}, true
	}
	switch by, grouped := i.Server.Grouping(); {
	case i.sameGrouping:
	case !promql.SameGrouping(i.reference(), i.Server):
		if text := sameLabels(s.client, s.server); text != "" {
			return assertions.Finding{Verdict: assertions.DoesNotFit, Text: text}, true
		}
	case grouped && total.Client > 0 && total.Server > 0 && len(s.client.LabelNames()) > 0 && len(s.server.LabelNames()) == 0:
		return assertions.Finding{Verdict: assertions.DoesNotFit,
			Text: fmt.Sprintf("no series of the server side has a label of (%s)", strings.Join(by, ", "))}, true
	}
	return i.disjoint(counts)
}

// ours reports whether the client's side is made of the client's own series alone, which are at 0
// where nothing happened.
func (i *Identity) ours() bool {
	return !slices.ContainsFunc(i.Client.Metrics(), func(m string) bool { return !facts.OfClient(m) })
}

// disjoint finds sides whose labels have no value in common though both counted the same in all, or
// one counts classes of what the other counts one by one.
func (i *Identity) disjoint(counts []counted) (assertions.Finding, bool) {
	values := [2]map[string][]string{{}, {}}
	var sums assertions.Count
	for _, c := range counts {
		if len(c.series) == 0 {
			continue // the total
		}
		if c.Client != 0 && c.Server != 0 {
			return assertions.Finding{}, false
		}
		side := values[0]
		if c.Server != 0 {
			side = values[1]
		}
		for name, value := range c.series {
			side[name] = append(side[name], value)
		}
		sums.Client, sums.Server, sums.Ambiguous = sums.Client+c.Client, sums.Server+c.Server, sums.Ambiguous+c.Ambiguous
	}
	if sums.Client == 0 || sums.Server == 0 {
		return assertions.Finding{}, false
	}
	for _, name := range slices.Sorted(maps.Keys(values[0])) {
		c, s := promql.DomainOf(values[0][name]), promql.DomainOf(values[1][name])
		shown := fmt.Sprintf("%s is %s on one side and %s on the other", name, few(values[0][name]),
			few(values[1][name]))
		switch {
		case c.Known() && s.Known() && c != s:
			return assertions.Finding{Verdict: assertions.DoesNotFit,
				Text: shown + `: one counts classes; label_replace(..., "` + name + `", "${1}xx", "` + name +
					`", "(.)..") makes classes of codes`}, true
		case !(c == promql.Codes && s == promql.Codes) && outside(sums) == 0 && !overlap(values[0][name], values[1][name]):
			return assertions.Finding{Verdict: assertions.DoesNotFit,
				Text: fmt.Sprintf("%s, and both count %s in all: the values have other names", shown,
					quantity.Quantity{Value: sums.Server})}, true
		}
	}
	return assertions.Finding{}, false
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(v string) bool { return slices.Contains(b, v) })
}

// few shows the first few of the values.
func few(values []string) string {
	const shown = 3
	slices.Sort(values)
	values = slices.Compact(values)
	if len(values) > shown {
		return strings.Join(values[:shown], ", ") + ", ..."
	}
	return strings.Join(values, ", ")
}
