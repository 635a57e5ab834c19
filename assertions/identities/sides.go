package identities

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// counted is one label set on both sides.
type counted struct {
	series map[string]string
	assertions.Count
}

// sides are the answers of an identity's three queries.
type sides struct{ client, server, ambiguous facts.Answer }

func (i *Identity) ask(ctx context.Context, e facts.Evidence, w facts.Window) (s sides, err error) {
	if s.client, err = e.Query(ctx, i.reference().String(), w); err != nil {
		return s, err
	}
	if s.server, err = e.Query(ctx, i.Server.String(), w); err != nil {
		return s, err
	}
	if !i.Ambiguous.IsZero() {
		if s.ambiguous, err = e.Query(ctx, i.Ambiguous.String(), w); err != nil {
			return s, err
		}
	}
	return s, nil
}

// counts brings the sides together by label set.
func (s sides) counts() []counted {
	sets := map[facts.LabelSet]*counted{}
	at := func(series map[string]string) *counted {
		key := facts.KeyOf(series)
		if sets[key] == nil {
			sets[key] = &counted{series: facts.WithoutName(series)}
		}
		return sets[key]
	}
	for _, one := range s.client.Series {
		at(one.Labels).Client += one.Value
	}
	for _, one := range s.server.Series {
		at(one.Labels).Server += one.Value
	}
	out := make([]counted, 0, len(sets)+1)
	for _, key := range slices.Sorted(maps.Keys(sets)) {
		c := sets[key]
		if c.Client == 0 && c.Server == 0 && len(sets) > 1 {
			continue // a label set initialised to 0 and never used says nothing
		}
		c.Ambiguous = widening(s.ambiguous, c.series)
		out = append(out, *c)
	}
	if len(out) == 0 {
		out = append(out, counted{}) // there was nothing to count, and nothing was counted
	}
	return withTotal(out, s.ambiguous)
}

// sameLabels reports what is wrong with sides that could never meet: one by status, say, and the
// other by code.
func sameLabels(client, server facts.Answer) string {
	c, s := client.LabelNames(), server.LabelNames()
	if len(client.Series) > 0 && len(server.Series) > 0 && !slices.Equal(c, s) {
		return fmt.Sprintf("the client side has the labels (%s) and the server side (%s); aggregate both by the same",
			strings.Join(c, ", "), strings.Join(s, ", "))
	}
	return ""
}

// widening sums what may belong to a label set: every ambiguous series all of whose labels the set
// has.
func widening(ambiguous facts.Answer, series map[string]string) float64 {
	sum := 0.0
	for _, s := range ambiguous.Series {
		fits := true
		for name, value := range s.Labels {
			fits = fits && (name == "__name__" || value == "" || series[name] == value)
		}
		if fits {
			sum += s.Value
		}
	}
	return sum
}

// withTotal adds the sum over all label sets when one ambiguous hit could widen several of them,
// but be counted in one only.
func withTotal(counts []counted, ambiguous facts.Answer) []counted {
	if len(counts) < 2 {
		return counts
	}
	total := counted{}
	widened := 0.0
	for _, s := range ambiguous.Series {
		total.Ambiguous += s.Value
	}
	for _, c := range counts {
		total.Client += c.Client
		total.Server += c.Server
		widened += c.Ambiguous
	}
	if widened == total.Ambiguous {
		return counts
	}
	return append(counts, total)
}
