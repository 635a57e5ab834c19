package record

import (
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// The series that brrtload adds to what it scrapes. They are named here and nowhere else.
//
// A hit belongs to the stage, and so to the phase, that it was due in, whenever it is done. A
// stage's series start from 0 at the stage's start edge, and their last sample, stamped at its end
// edge, counts all its hits, those too that were done only while draining: a budget over the steady
// phase must not lose the slowest.
const (
	// request, credential, status, outcome, kind (of trouble), traced, phase, stage
	seriesHits = "brrtload_hits_total"
	// request, phase, stage: not answered, or not with a status that the scenario wants
	seriesUnexpected = "brrtload_unexpected_total"
	// request, status, phase, stage: 502, 503 and 504 that the scenario does not want
	seriesGateway = "brrtload_gateway_answers_total"
	seriesLatency = "brrtload_latency_seconds" // request, phase, stage: done − due; native histogram
	// request, method, phase, stage: done − sent; native histogram
	seriesService = "brrtload_service_seconds"
	seriesBodyIn  = "brrtload_response_bytes_total" // request, outcome, phase, stage: bodies received
	seriesBodyOut = "brrtload_request_bytes_total"  // request, phase, stage: bodies sent
	// how late the generator was, the warm-up left out; native histogram
	seriesLag = "brrtload_lag_seconds"
	// sent − due of hits that came due while every connection was busy; native histogram
	seriesWaiting = "brrtload_waiting_seconds"
	// step: dns, connect, tls, first byte, transfer; only with transport.steps; native histogram
	seriesStep     = "brrtload_step_seconds"
	seriesLagFloor = "brrtload_lag_floor_p99_seconds" // the pacer's lag with a null transport
	seriesPlanned  = "brrtload_planned_total"         // hits that the plan has
	SeriesSent     = "brrtload_sent_total"            // hits sent so far
	seriesDropped  = "brrtload_dropped"               // hits that were due and never sent; once the load is over
	// kind (descriptors, ports, memory, resolver): of those sent, hits that the generator could not
	// send after all
	seriesUnsent   = "brrtload_unsent_total"
	seriesInFlight = "brrtload_in_flight" // sent and not yet done
	// SIGHUPs sent to the target; there only when a stage asks for them
	seriesReloads = "brrtload_reloads_total"
	SeriesCPU     = "brrtload_target_cpu_seconds_total" // the target process's CPU clock
	// event, level, and the labels that assertions and the scenario want
	seriesLogEvents = "brrtload_log_events_total"
	seriesLogLines  = "brrtload_log_lines_total"          // from: start, or middle
	seriesLogOdd    = "brrtload_log_lines_odd_total"      // lines that fit no format
	seriesLogLost   = "brrtload_log_events_dropped_total" // reason: lines, or gaps, that could not be counted
	// name, kind, span_status, joined (to a hit), and the labels that assertions want
	seriesSpans = "brrtload_spans_total"
	// reason: spans, or bodies of them, that could not be counted
	seriesSpansLost = "brrtload_spans_dropped_total"
	seriesSecrets   = "brrtload_secrets_sought" // secrets that were looked for
	SeriesResident  = "brrtload_target_resident_memory_bytes"
	// the most that was resident since the process started
	seriesResidentPeak = "brrtload_target_resident_peak_bytes"
	seriesAnonymous    = "brrtload_target_anonymous_bytes" // of no file; resident or swapped
	// of: all, anonymous, file, idle file, kernel, peak: charged to the control group of the target
	seriesCharge = "brrtload_target_cgroup_bytes"
	// of the process whose CPU and memory are recorded
	seriesStarted = "brrtload_target_start_time_seconds"
	// 1 when it listens at the port of the metrics, too
	seriesExposes = "brrtload_target_exposes"
	// pid: of others that the command started and that listen somewhere
	seriesPeer = "brrtload_target_peer_start_time_seconds"
	// 1 when neither the command nor a process that it started listens at the target's address
	seriesForeign     = "brrtload_target_foreign"
	seriesBusy        = "brrtload_machine_cpu_seconds_total"          // of all CPUs, spent on anything
	seriesPressure    = "brrtload_machine_cpu_pressure_seconds_total" // in which some task waited for a CPU
	seriesMachineCPUs = "brrtload_machine_cpus"
	// CPU clocks of all processes of the target that are known
	seriesAllOfTarget = "brrtload_target_group_cpu_seconds_total"
	SeriesOwnCPU      = "brrtload_generator_cpu_seconds_total"
	SeriesOwnCPUs     = "brrtload_generator_cpus" // how many it may use at once: GOMAXPROCS
	SeriesOwnMemory   = "brrtload_generator_resident_memory_bytes"

	seriesScrapes = "brrtload_scrapes_total" // endpoint
	// endpoint, answered (yes: with something that is not an exposition; no), why
	seriesLost  = "brrtload_scrapes_failed_total"
	seriesFlaws = "brrtload_scrape_flaws_total" // endpoint, flaw: scrapes that were read in spite of it
	// endpoint: scrapes that another process answered than the one before
	seriesTurns = "brrtload_scrape_turns_total"
	// connected (yes, no): that may answer the target's scrapes, where it is known
	seriesProcesses = "brrtload_target_processes"
	// job (the endpoint), instance: 1 when the last scrape was read, 0 when not
	seriesUp   = "up"
	seriesTook = "brrtload_scrape_seconds" // endpoint: how long the last one that was read took
	// endpoint: for how long it has said the same while hits were answered, 0 when it has not
	seriesUnchanged = "brrtload_scrape_unchanged_seconds"
	seriesInterval  = "brrtload_scrape_interval_seconds" // of periodic scrapes
	seriesAmid      = "brrtload_scrapes_amid_hits_total" // scrapes through all of which some hit was in flight
	// edge (start, end): by how much earlier and later than its hits the counts of the run begin and
	// end; there only when the service's series are another server's
	seriesEdges = "brrtload_counts_beyond_hits_seconds"
	// hits in flight through all of the last scrape, at least
	seriesHitsThrough = "brrtload_in_flight_throughout_scrape"

	seriesShards = "brrtload_shards" // of a merged run: how many generators sent its load
	// shard: how far its clock was ahead of that of shard 0; absent where that is not known
	seriesClockOffset = "brrtload_shard_clock_offset_seconds"
)

// What a merged run makes of the series of its shards. All others are those of shard 0.
var (
	// summedSeries are the sum of all shards'.
	SummedSeries = []string{seriesHits, seriesUnexpected, seriesGateway, seriesLatency, seriesService, seriesBodyIn,
		seriesBodyOut, seriesLag, seriesWaiting, seriesStep, seriesPlanned, SeriesSent, seriesDropped, seriesUnsent,
		seriesInFlight}
	// busiestSeries are those of the shard that used the largest share of its CPUs: a generator that
	// was short of CPU time anywhere was short of it.
	BusiestSeries = []string{SeriesOwnCPU, SeriesOwnCPUs, SeriesOwnMemory}
	// largestSeries are the largest of all shards'.
	LargestSeries = []string{seriesLagFloor}
)

// Named returns the labels of a series: its name, and pairs of label and value.
func Named(name string, pairs ...string) labels.Labels {
	return labels.FromStrings(append([]string{model.MetricNameLabel, name}, pairs...)...)
}
