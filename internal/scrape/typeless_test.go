package scrape

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is called a total, or declared a counter, began at 0 when it appears after the baseline. Of
// another metric without a type that is not known.
func TestWhatIsBornWithoutAType(t *testing.T) {
	const open = "application/openmetrics-text; version=1.0.0"
	for name, row := range map[string]struct {
		contentType, body, metric, family, kind string
		want                                    map[string]float64
	}{
		"no TYPE line, a total":           {text, "jobs_total 5\n", "jobs_total", "jobs_total", "unknown", map[string]float64{`{}`: 5}},
		"untyped, a total":                {text, "# TYPE jobs_total untyped\njobs_total 5\n", "jobs_total", "jobs_total", "unknown", map[string]float64{`{}`: 5}},
		"unknown, a total":                {open, "# TYPE jobs_total unknown\njobs_total 5\n# EOF\n", "jobs_total", "jobs_total", "unknown", map[string]float64{`{}`: 5}},
		"a counter that is no total":      {open, "# TYPE jobs counter\njobs 5\n# EOF\n", "jobs", "jobs", "counter", map[string]float64{`{}`: 5}},
		"a counter that is a total":       {open, "# TYPE jobs counter\njobs_total 5\n# EOF\n", "jobs_total", "jobs_total", "counter", map[string]float64{`{}`: 5}},
		"no TYPE line, and maybe a gauge": {text, "jobs 5\n", "jobs", "jobs", "unknown", map[string]float64{`{}`: 0}},
		"a gauge that is called a total":  {text, "# TYPE jobs_total gauge\njobs_total 5\n", "jobs_total", "jobs_total", "gauge", map[string]float64{`{}`: 0}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, newStore(t), &server{})
			rest := map[string]string{text: "other 1\n", open: "other 1\n# EOF\n"}[row.contentType]
			take(t, e, 0, []byte(rest), row.contentType)
			e.Baseline(at(0))
			take(t, e, 1, []byte(row.body), row.contentType)
			take(t, e, 2, []byte(row.body), row.contentType)
			require.Equal(t, row.want, ask(t, e.store, "increase("+row.metric+"[range()] anchored)", window(0, 2)))
			families := e.store.Families(window(1, 2))
			require.Equal(t, []string{row.family, row.kind}, []string{families[0].Name, families[0].Type})
		})
	}
}
