package assertions

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/diag"
)

// Client is what is known before a run of the labels that the client's series will have. Of an empty list nothing is known.
type Client struct {
	Requests, Credentials, Stages, Phases []string
	// Kinds are those of answers that failed a check, besides the kinds of hits that were not answered.
	Kinds []string
}

// clientVocabulary returns the client's own series: their names, labels and, where they are few, values. Package internal/run writes them.
func clientVocabulary(c Client) vocabulary {
	place := func(labels map[string][]string) map[string][]string {
		labels["request"], labels["phase"], labels["stage"] = c.Requests, c.Phases, c.Stages
		return labels
	}
	outcomes := []string{"answered", "never reached", "ambiguous", "cut"}
	endpoint := func(more ...string) map[string][]string {
		labels := map[string][]string{"endpoint": nil}
		for _, name := range more {
			labels[name] = nil
		}
		return labels
	}
	hits := map[string][]string{"outcome": outcomes, "credential": c.Credentials, "status": codes.all(), "traced": {"true"},
		"kind": append([]string{"template", "dial", "timed out", "closed", "reset", "malformed", "cancelled", "other"}, c.Kinds...)}
	none := map[string][]string{}
	v := vocabulary{partial: true, metrics: map[string]metric{
		"brrtload_hits_total":           {labels: place(hits)},
		"brrtload_unexpected_total":     {labels: place(map[string][]string{})},
		"brrtload_latency_seconds":      {labels: place(map[string][]string{}), native: true},
		"brrtload_service_seconds":      {labels: place(map[string][]string{"method": nil}), native: true},
		"brrtload_response_bytes_total": {labels: place(map[string][]string{"outcome": outcomes})},
		"brrtload_request_bytes_total":  {labels: place(map[string][]string{})},
		"brrtload_lag_seconds":          {labels: none, native: true},
		"brrtload_waiting_seconds":      {labels: none, native: true},
		"brrtload_step_seconds":         {labels: map[string][]string{"step": {"dns", "connect", "tls", "first byte", "transfer"}}, native: true},

		"brrtload_lag_floor_p99_seconds": {labels: none, moment: true},
		"brrtload_planned_total":         {labels: none},
		"brrtload_sent_total":            {labels: none},
		"brrtload_dropped":               {labels: none, moment: true},
		"brrtload_in_flight":             {labels: none, moment: true},
		"brrtload_reloads_total":         {labels: none},
		"brrtload_secrets_sought":        {labels: none, moment: true},

		"brrtload_log_events_total":         {labels: map[string][]string{"event": nil, "level": nil}, open: true},
		"brrtload_log_lines_total":          {labels: map[string][]string{"from": {"start", "middle"}}},
		"brrtload_log_lines_odd_total":      {labels: none},
		"brrtload_log_events_dropped_total": {labels: map[string][]string{"reason": nil}},
		"brrtload_spans_total":              {labels: map[string][]string{"name": nil, "kind": nil, "span_status": nil, "joined": nil}, open: true},
		"brrtload_spans_dropped_total":      {labels: map[string][]string{"reason": nil}},

		"brrtload_target_cpu_seconds_total":           {labels: none, open: true},
		"brrtload_target_resident_memory_bytes":       {labels: none, open: true, moment: true},
		"brrtload_generator_cpu_seconds_total":        {labels: none},
		"brrtload_generator_cpus":                     {labels: none, moment: true},
		"brrtload_generator_resident_memory_bytes":    {labels: none, moment: true},
		"brrtload_scrapes_total":                      {labels: endpoint()},
		"brrtload_scrapes_failed_total":               {labels: endpoint("answered", "why")},
		"brrtload_scrape_flaws_total":                 {labels: endpoint("flaw")},
		"brrtload_gateway_answers_total":              {labels: place(map[string][]string{"status": {"502", "503", "504"}})},
		"brrtload_unsent_total":                       {labels: map[string][]string{"kind": nil}},
		"brrtload_target_start_time_seconds":          {labels: none, open: true, moment: true},
		"brrtload_target_exposes":                     {labels: none, open: true, moment: true},
		"brrtload_target_peer_start_time_seconds":     {labels: map[string][]string{"pid": nil}, moment: true},
		"brrtload_target_foreign":                     {labels: none, open: true, moment: true},
		"brrtload_target_group_cpu_seconds_total":     {labels: none, open: true},
		"brrtload_machine_cpus":                       {labels: none, open: true, moment: true},
		"brrtload_machine_cpu_seconds_total":          {labels: none, open: true},
		"brrtload_machine_cpu_pressure_seconds_total": {labels: none, open: true},
		"brrtload_scrape_turns_total":                 {labels: endpoint()},
		"brrtload_target_processes":                   {labels: map[string][]string{"connected": {"no", "yes"}}, moment: true},
		"brrtload_scrape_seconds":                     {labels: endpoint(), moment: true},
		"brrtload_scrape_unchanged_seconds":           {labels: endpoint(), moment: true},
		"brrtload_scrape_interval_seconds":            {labels: none, moment: true},
		"brrtload_scrapes_amid_hits_total":            {labels: none},
		"brrtload_in_flight_throughout_scrape":        {labels: none, moment: true},
		"brrtload_exposition_lag_seconds":             {labels: endpoint(), open: true, moment: true},
		"brrtload_rested_before_load_seconds":         {labels: none, open: true, moment: true},
		"brrtload_background_rate":                    {labels: map[string][]string{"counter": nil}, open: true, moment: true},
		"brrtload_background_most":                    {labels: map[string][]string{"counter": nil}, open: true, moment: true},
		"brrtload_unsettled_rate":                     {labels: map[string][]string{"counter": nil}, open: true, moment: true},
	}}
	for name, m := range v.metrics {
		m.family, m.whole = name, true
		v.metrics[name] = m
	}
	return v
}

// ClientSeries lists the names of the client's own series, sorted.
func ClientSeries() []string { return slices.Sorted(maps.Keys(clientVocabulary(Client{}).metrics)) }

// Misread lists the mistakes that can be known before a run, each where it is written: what is read of
// the client's own series that they do not have, label_replace with a group that its regular expression
// does not have, sides of an identity that could never meet.
func Misread(list []Assertion, c Client) diag.List {
	var found diag.List
	var known vocabulary
	for _, a := range list {
		if at := a.About().Position; at == (diag.Position{}) {
			continue // made of the scenario
		} else if _, pack := at.Shipped(); pack {
			known = clientVocabulary(Client{Phases: c.Phases}) // a pack may be written for scenarios with other requests
		} else {
			known = clientVocabulary(c)
		}
		for _, q := range a.About().Queries {
			for _, m := range q.misfits(known) {
				found = append(found, q.errorAt(m.place, m.text))
			}
			found = append(found, q.groups()...)
			found = append(found, q.meaningless()...)
		}
		found = append(found, a.About().Sides.apart()...)
	}
	return found
}

// reference is a reference to a group in the replacement of label_replace.
var reference = regexp.MustCompile(`\$\$|\$\{(\w+)\}|\$(\w+)`)

// groups finds references of label_replace to groups that its regular expression does not have: they would be empty.
func (q Query) groups() diag.List {
	var found diag.List
	if q.IsZero() {
		return nil
	}
	parser.Inspect(q.expr, func(node parser.Node, _ []parser.Node) error {
		call, ok := node.(*parser.Call)
		if !ok || call.Func.Name != "label_replace" || len(call.Args) < 5 {
			return nil
		}
		expr, err := regexp.Compile("^(?:" + text(call.Args[4]) + ")$")
		if err != nil {
			return nil // the engine reports it
		}
		place := call.Args[2].PositionRange()
		for _, r := range reference.FindAllStringSubmatch(text(call.Args[2]), -1) {
			group := r[1] + r[2]
			if group == "" || hasGroup(expr, group) {
				continue
			}
			digits := strings.IndexFunc(group, func(r rune) bool { return r < '0' || r > '9' })
			hint := ""
			if r[2] != "" && digits > 0 {
				hint = fmt.Sprintf("; write ${%s}%s, in a scenario $${%s}%s", group[:digits], group[digits:], group[:digits], group[digits:])
			}
			found = append(found, q.errorAt(place, fmt.Sprintf("the regular expression %q has no group %s%s", text(call.Args[4]), group, hint)))
		}
		return nil
	})
	return found
}

func hasGroup(expr *regexp.Regexp, group string) bool {
	for i, name := range expr.SubexpNames() {
		if group == fmt.Sprint(i) || group == name {
			return true
		}
	}
	return false
}

// apart finds sides that are aggregated by other labels.
func (s *Sides) apart() diag.List {
	if s == nil {
		return nil
	}
	r, known := s.Reference.grouping()
	by, both := s.Server.grouping()
	if !known || !both || slices.Equal(r, by) || len(r) == 0 && len(by) == 0 {
		return nil
	}
	return diag.List{s.Server.text.Errorf("the sides are aggregated by other labels, (%s) and (%s): aggregate both by the same; label_replace renames one",
		strings.Join(r, ", "), strings.Join(by, ", "))}
}
