package promql

import (
	"maps"
	"slices"
)

// Client is what is known before a run of the labels that the client's series will have. Of an
// empty list nothing is known.
type Client struct {
	Requests, Credentials, Stages, Phases []string
	// Kinds are those of answers that failed a check, besides the kinds of hits that were not
	// answered.
	Kinds []string
}

// clientVocabulary returns the client's own series: their names, labels and, where they are few,
// values. Package internal/record writes them.
func VocabularyOfClient(c Client) Vocabulary {
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
	stacks := func(stats ...string) map[string][]string {
		labels := map[string][]string{"size": nil, "kind": {"coroutine", "thread", "other"}}
		if len(stats) > 0 {
			labels["stat"] = stats
		}
		return labels
	}
	hits := map[string][]string{"outcome": outcomes, "credential": c.Credentials, "status": Codes.all(),
		"traced": {"true"},
		"kind": append([]string{"template", "dial", "timed out", "closed", "reset", "malformed", "cancelled", "other"},
			c.Kinds...)}
	none, site := map[string][]string{}, map[string][]string{"site": nil}
	tools := []string{"pprof", "heaptrack", "dhat", "massif"}
	tracedBy := map[string][]string{"tool": tools, "covers": {"window", "run", "process"}, "slowed": {"yes", "no"}}
	v := Vocabulary{partial: true, Metrics: map[string]metric{
		"brrtload_hits_total":           {Labels: place(hits)},
		"brrtload_unexpected_total":     {Labels: place(map[string][]string{})},
		"brrtload_latency_seconds":      {Labels: place(map[string][]string{}), native: true},
		"brrtload_service_seconds":      {Labels: place(map[string][]string{"method": nil}), native: true},
		"brrtload_response_bytes_total": {Labels: place(map[string][]string{"outcome": outcomes})},
		"brrtload_request_bytes_total":  {Labels: place(map[string][]string{})},
		"brrtload_lag_seconds":          {Labels: none, native: true},
		"brrtload_waiting_seconds":      {Labels: none, native: true},
		"brrtload_step_seconds":         {Labels: map[string][]string{"step": {"dns", "connect", "tls", "first byte", "transfer"}}, native: true},

		"brrtload_lag_floor_p99_seconds":      {Labels: none, moment: true},
		"brrtload_planned_total":              {Labels: none},
		"brrtload_sent_total":                 {Labels: none},
		"brrtload_dropped":                    {Labels: none, moment: true},
		"brrtload_shards":                     {Labels: none, moment: true},
		"brrtload_shard_clock_offset_seconds": {Labels: map[string][]string{"shard": nil}, moment: true},
		"brrtload_in_flight":                  {Labels: none, moment: true},
		"brrtload_reloads_total":              {Labels: none},
		"brrtload_secrets_sought":             {Labels: none, moment: true},

		"brrtload_log_events_total":         {Labels: map[string][]string{"event": nil, "level": nil}, open: true},
		"brrtload_log_lines_total":          {Labels: map[string][]string{"from": {"start", "middle"}}},
		"brrtload_log_lines_odd_total":      {Labels: none},
		"brrtload_log_events_dropped_total": {Labels: map[string][]string{"reason": nil}},
		"brrtload_spans_total":              {Labels: map[string][]string{"name": nil, "kind": nil, "span_status": nil, "joined": nil}, open: true},
		"brrtload_spans_dropped_total":      {Labels: map[string][]string{"reason": nil}},

		"brrtload_target_cpu_seconds_total":     {Labels: none, open: true},
		"brrtload_target_resident_memory_bytes": {Labels: none, open: true, moment: true},
		"brrtload_target_resident_peak_bytes":   {Labels: none, open: true, moment: true},
		"brrtload_target_anonymous_bytes":       {Labels: none, open: true, moment: true},
		"brrtload_target_cgroup_bytes": {Labels: map[string][]string{
			"of": {"all", "anonymous", "file", "idle file", "kernel", "peak"}}, open: true, moment: true},
		"brrtload_generator_cpu_seconds_total":        {Labels: none},
		"brrtload_generator_cpus":                     {Labels: none, moment: true},
		"brrtload_generator_resident_memory_bytes":    {Labels: none, moment: true},
		"brrtload_scrapes_total":                      {Labels: endpoint()},
		"brrtload_scrapes_failed_total":               {Labels: endpoint("answered", "why")},
		"brrtload_scrape_flaws_total":                 {Labels: endpoint("flaw")},
		"brrtload_gateway_answers_total":              {Labels: place(map[string][]string{"status": {"502", "503", "504"}})},
		"brrtload_unsent_total":                       {Labels: map[string][]string{"kind": nil}},
		"brrtload_target_start_time_seconds":          {Labels: none, open: true, moment: true},
		"brrtload_target_exposes":                     {Labels: none, open: true, moment: true},
		"brrtload_target_peer_start_time_seconds":     {Labels: map[string][]string{"pid": nil}, moment: true},
		"brrtload_target_foreign":                     {Labels: none, open: true, moment: true},
		"brrtload_target_group_cpu_seconds_total":     {Labels: none, open: true},
		"brrtload_machine_cpus":                       {Labels: none, open: true, moment: true},
		"brrtload_machine_cpu_seconds_total":          {Labels: none, open: true},
		"brrtload_machine_cpu_pressure_seconds_total": {Labels: none, open: true},
		"brrtload_target_mappings":                    {Labels: stacks(), moment: true},
		"brrtload_target_mapping_bytes":               {Labels: stacks(), moment: true},
		"brrtload_target_mapping_resident_bytes":      {Labels: stacks("max", "median"), moment: true},
		"brrtload_target_stack_used_bytes":            {Labels: stacks("max", "median"), moment: true},
		"brrtload_target_stacks_full":                 {Labels: stacks(), moment: true},
		"brrtload_traced_allocations_total":           {Labels: site},
		"brrtload_traced_allocated_bytes_total":       {Labels: site},
		"brrtload_traced_live_bytes":                  {Labels: site, moment: true},
		"brrtload_traced_by":                          {Labels: tracedBy, moment: true},
		"brrtload_traced_sample_bytes":                {Labels: none, moment: true},
		"brrtload_traced_lost":                        {Labels: map[string][]string{"tool": tools, "why": nil}, moment: true},
		"brrtload_scrape_turns_total":                 {Labels: endpoint()},
		"brrtload_target_processes":                   {Labels: map[string][]string{"connected": {"no", "yes"}}, moment: true},
		"brrtload_scrape_seconds":                     {Labels: endpoint(), moment: true},
		"brrtload_scrape_unchanged_seconds":           {Labels: endpoint(), moment: true},
		"brrtload_scrape_interval_seconds":            {Labels: none, moment: true},
		"brrtload_counts_beyond_hits_seconds":         {Labels: map[string][]string{"edge": {"start", "end"}}, open: true, moment: true},
		"brrtload_scrapes_amid_hits_total":            {Labels: none},
		"brrtload_in_flight_throughout_scrape":        {Labels: none, moment: true},
		"brrtload_exposition_lag_seconds":             {Labels: endpoint(), open: true, moment: true},
		"brrtload_rested_before_load_seconds":         {Labels: none, open: true, moment: true},
		"brrtload_background_rate":                    {Labels: map[string][]string{"counter": nil}, open: true, moment: true},
		"brrtload_background_most":                    {Labels: map[string][]string{"counter": nil}, open: true, moment: true},
		"brrtload_unsettled_rate":                     {Labels: map[string][]string{"counter": nil}, open: true, moment: true},
	}}
	for name, m := range v.Metrics {
		m.family, m.whole = name, true
		v.Metrics[name] = m
	}
	return v
}

// ClientSeries lists the names of the client's own series, sorted.
func ClientSeries() []string { return slices.Sorted(maps.Keys(VocabularyOfClient(Client{}).Metrics)) }
