package assertions

import (
	"maps"
	"slices"
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
