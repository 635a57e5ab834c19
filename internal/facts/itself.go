// Package facts has what is known of any telemetry, whatever is judged by it: which families move
// by themselves.
//
// It stands below everything of ours: the scrape loop, the judge, the conventions and the contracts
// ask the one list here.
package facts

import (
	"regexp"
	"strings"
)

// runtimes are the families of language runtimes, of their standard collectors, and of the tools
// that read them, by language. A prefix stands alone only where it belongs to the runtime;
// elsewhere the names are listed, because a service's own families share the prefix
// (process_memory_rss_bytes).
var runtimes = []string{
	// Go: client_golang's collectors and OpenTelemetry's runtime instrumentation.
	`go_(gc|godebug|memstats|sched|schedule|cgo|cpu_classes|memory|sync|processor|config|finalizer|cleanup|goroutines?|threads|info|build_info)(_\w+)?`,
	`promhttp_\w+`,
	// The process, as the standard collectors of Go, Python, Node, Java, Rust and .NET name it.
	`process_(cpu(_user|_system)?_seconds(_total)?|cpu_usage|cpu_time_ns(_total)?|cpu_(time|utilization)(_\w+)?)`,
	`process_(open|max)_fds|process_files_(open|max)(_files)?|process_(open|unix)_file_descriptor(s|_count)|process_open_handles`,
	`process_(resident|virtual)_memory(_max)?_bytes|process_(heap|private_memory|working_set)_bytes|process_memory_(usage|virtual)(_bytes)?`,
	`process_start_time_seconds|process_uptime(_seconds)?|process_(threads|num_threads|thread_count)`,
	`process_network_(receive|transmit)_bytes_total|process_(network|disk)_io(_bytes)?(_total)?`,
	`process_(context_switches|paging_faults)(_total)?|process_runtime_\w+`,
	`python_(gc_\w+|info)|cpython_\w+`,
	`jvm_\w+|hikaricp_\w+|tomcat_(threads|sessions|cache)_\w+|executor_(active|pool|queue|idle)\w*|logback_events(_total)?`,
	`application_(started|ready)_time_seconds|disk_(free|total)_bytes`,
	`nodejs_\w+|v8js_\w+`,
	`dotnet_\w+|system_runtime_\w+`,
	`ruby_(gc|heap|rss|v8|allocated|major_gc|minor_gc|malloc_increase|oldmalloc_increase|marking|sweeping|collector|thread|free_slots)(_\w+)?|puma_\w+`,
	`php_(info|memory|opcache|gc)(_\w+)?|phpfpm_(start_since|(active|idle|total|max_active)_processes|max_children_reached)(_\w+)?`,
	`erlang_(vm|mnesia)_\w+|beam_\w+|(\w+_)?prom_ex_beam_\w+|vm_(memory|total_run_queue_lengths|system_counts)_\w+`,
	`tokio_\w+|jemalloc_\w+`,
	// OpenTelemetry's SDKs and Collector about themselves, and what a scrape adds.
	`otelcol_(process|exporter_queue|scraper)_\w+|otel_sdk_\w+|otel_scope_info|target_info`,
	`scrape_(duration_seconds|samples_scraped|samples_post_metric_relabeling|series_added|body_size_bytes|timeout_seconds|sample_limit)|up`,
	`system_(cpu|load|memory|disk|network|paging|filesystem|processes|uptime)(_\w+)?`,
}

// others move without any request, whatever language the service is written in.
var others = []string{
	// memory allocated is counted when a collection comes
	`\w+_alloc(ated)?_(bytes|objects)(_total)?`,
	active,
}

// active are histograms and summaries of what is active now, such as Micrometer's long task timers:
// they grow while they are looked at and fall when a task ends.
const active = `\w+_active(_(milli)?seconds)?(_(count|sum|max|bucket))?`

var (
	now     = whole([]string{active})
	runtime = whole(runtimes)
	itself  = whole(append(others, runtimes...))
)

func whole(patterns []string) *regexp.Regexp {
	return regexp.MustCompile(`^(?:` + strings.Join(patterns, `|`) + `)$`)
}

// OfRuntime reports whether a family belongs to the language's runtime, the process or the tools
// that expose it, and says nothing of the service's work. Such families follow conventions of their
// own and change with the versions of their libraries.
func OfRuntime(family string) bool { return runtime.MatchString(family) }

// MovesByItself reports whether a family moves without any request: those of the runtime, memory
// allocated, and what is active now.
func MovesByItself(family string) bool { return itself.MatchString(family) }

// OfNow reports whether a histogram or summary of that name shows what is active now: its count and
// sum go down, and that is no reset.
func OfNow(family string) bool { return now.MatchString(family) }
