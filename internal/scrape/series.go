package scrape

import (
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/diag"
	"brrtload/internal/evidence"
)

// entry is one series of an exposition.
type entry struct {
	series   *evidence.Series
	family   *family
	shape    uint64 // the family's, when the role was found
	role     role
	instance *instance
	start    bool    // it tells when the process started
	created  int64   // when the exposition says that it was created, in milliseconds; 0 when it does not say
	top, low float64 // its value before its last fall, and after it
	changes  int     // in how many scrapes running its creation time has changed, though it counted on
	returns  int     // how often it came back at once from a fall
	round    uint64  // the last scrape that had it
	live     bool    // its last sample is no stale marker
	value    float64
	rest     float64   // its value at rest
	moves    int       // in how many scrapes it has moved since it has been tracked
	trail    []float64 // its values at the ends of stretches, since then: see [Endpoint.snap]
}

// instance is the series of one family that differ in le or quantile only.
type instance struct {
	name    string  // as it stands in messages
	created int64   // when OpenMetrics says that it started, in milliseconds
	since   uint64  // the scrape that said so
	moves   int     // in how many scrapes running it has moved
	moved   uint64  // the last scrape in which it did
	step    float64 // how far it moved then, the most of its series
	travel  float64 // and in those running before
	usual   float64 // the mean of these steps, when it is looked at to confirm
	seen    float64 // how far it moved in these looks
	aside   bool    // it says nothing of the target's work
	learned bool    // it moves by being looked at
	steady  bool    // something else moves it, at the same rate all the time
}

// role is what a series is to its family.
type role int

const (
	level      role = iota // a gauge, a quantile, anything that is not counted up
	cumulative             // a counter, or part of a histogram or a summary
	created                // OpenMetrics' _created: when the counter started
)

// family is what an endpoint says of one metric family, kept from scrape to scrape.
type family struct {
	declared string // the name in its TYPE line
	kind     model.MetricType
	help     string
	unit     string
	open     bool   // declared by OpenMetrics, where a counter's series has a suffix that the family has not
	bare     bool   // its series lack that suffix all the same
	round    uint64 // the last scrape that had it
	count    int    // series in that scrape
	said     said   // what that scrape said of it
	// shape grows when the type changes: series belong to families by type.
	shape   uint64
	entries map[*entry]struct{}
	// values are the label values of the entries, sorted; nil when they must be gathered anew.
	values map[string][]string
}

// said is which lines of metadata a scrape had of a family.
type said struct{ kind, help, unit bool }

// name returns the series as it would be written in a query.
func (known *entry) name() string { return seriesName(known.series.Labels()) }

func seriesName(lset labels.Labels) string {
	name := lset.Get(model.MetricNameLabel)
	rest := lset.MatchLabels(false, model.MetricNameLabel).String()
	return diag.Printable(strings.TrimSuffix(name+rest, "{}"))
}
