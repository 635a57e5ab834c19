package checks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/internal/facts"
)

func TestReturns(t *testing.T) {
	for name, row := range map[string]struct {
		series, rule string
		want         []string
	}{
		"back at its baseline":            {"in_flight 1x4 9x14 1x10", "{id: r, gauge: in_flight}", []string{"pass: back at 1"}},
		"a leak":                          {"in_flight 1x4 9x30", "{id: r, gauge: in_flight}", []string{"untruthful: 9 after the load, 1 at its baseline"}},
		"below zero":                      {"in_flight 0x4 9x14 -3x10", "{id: r, gauge: in_flight, to: 0}", []string{"untruthful: -3 after the load, 0 at rest"}},
		"it counts the scrape itself":     {"in_flight 1x4 9x14 1x10", "{id: r, gauge: in_flight, to: 0}", []string{"pass: back at 1, as before the load: it counts the scrape itself"}},
		"a leak beside the scrape itself": {"in_flight 1x4 9x14 2x10", "{id: r, gauge: in_flight, to: 0}", []string{"untruthful: 2 after the load, 0 at rest"}},
		"one more than at rest":           {"in_flight 0x4 9x14 1x10", "{id: r, gauge: in_flight, to: 0}", []string{"untruthful: 1 after the load, 0 at rest"}},
		"as many as before the load": {"in_flight 5x4 9x14 5x10", "{id: r, gauge: in_flight, to: 0}",
			[]string{`untruthful: 5 after the load, 0 at rest; it was 5 before the load, too: leave out "to" to compare with that`}},
		"no number":           {"in_flight 0x19 NaN NaN NaN NaN NaN NaN NaN NaN", "{id: r, gauge: in_flight, to: 0}", []string{"untruthful: NaN after the load, 0 at rest"}},
		"nor at the baseline": {"in_flight NaN 0x25", "{id: r, gauge: in_flight}", []string{"untruthful: 0 after the load, NaN at its baseline"}},
		"never a number":      {"in_flight NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN", "{id: r, gauge: in_flight}", []string{"untruthful: NaN after the load, NaN at its baseline"}},
		"a series that the load brought": {
			"depth{handler=\"a\"} 0x30\ndepth{handler=\"b\"} _x4 2x30", "{id: r, gauge: depth}",
			[]string{`pass: handler="a": back at 0`, `untruthful: handler="b": 2 after the load, 0 at not having been there`},
		},
		"a gauge that has been misspelt": {"depth 0x30", "{id: r, gauge: deph}", []string{`does not fit: no series matches deph in idle; did you mean "depth"?`}},
		"no such gauge":                  {"depth 0x30", "{id: r, gauge: in_flight}", []string{"does not fit: no series matches in_flight in idle"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, row.series)
			e.Metadata = []facts.Family{{Name: "depth", Type: "gauge"}}
			require.Equal(t, row.want, stage.Judge(t, e, "returns: ["+row.rule+"]"))
		})
	}
}
