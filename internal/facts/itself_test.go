package facts_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/facts"
)

func TestFamiliesThatMoveByThemselves(t *testing.T) {
	runtimes := map[string][]string{
		"Go": {"go_goroutines", "go_memstats_alloc_bytes_total", "go_gc_duration_seconds", "go_info", "go_sched_latencies_seconds", "promhttp_metric_handler_requests_total",
			"process_cpu_seconds_total", "process_network_receive_bytes_total", "process_virtual_memory_max_bytes"},
		"Python": {"python_gc_objects_collected_total", "python_info", "process_resident_memory_bytes", "process_open_fds"},
		"Java":   {"jvm_gc_pause_seconds", "jvm_threads_live_threads", "hikaricp_connections_creation_seconds", "tomcat_threads_busy_threads", "system_cpu_usage", "process_files_open_files"},
		"Node":   {"nodejs_eventloop_lag_seconds", "nodejs_gc_duration_seconds", "process_cpu_user_seconds_total", "process_heap_bytes"},
		".NET":   {"dotnet_collection_count_total", "process_runtime_dotnet_gc_collections_count_total", "process_private_memory_bytes", "process_num_threads"},
		"Ruby":   {"ruby_gc_duration_seconds", "ruby_heap_live_slots", "puma_running"},
		"PHP":    {"php_info", "phpfpm_idle_processes"},
		"Erlang": {"erlang_vm_statistics_reductions_total", "app_prom_ex_beam_stats_uptime_milliseconds_count"},
		"Rust":   {"tokio_workers_count", "process_threads"},
		"OTel":   {"otel_sdk_span_live", "target_info", "otelcol_process_uptime_seconds_total", "process_cpu_time_seconds_total"},
	}
	for language, families := range runtimes {
		for _, family := range families {
			require.True(t, facts.OfRuntime(family), "%s: %s", language, family)
			require.True(t, facts.MovesByItself(family), "%s: %s", language, family)
		}
	}
	for _, family := range []string{"http_server_requests_active_seconds", "app_memory_allocated_bytes", "app_heap_alloc_bytes_total"} {
		require.False(t, facts.OfRuntime(family), family)
		require.True(t, facts.MovesByItself(family), family)
	}
}

func TestSummariesOfWhatIsActiveNow(t *testing.T) {
	require.True(t, facts.OfNow("http_server_requests_active_seconds"))
	require.True(t, facts.OfNow("tasks_active_seconds_count"))
	require.False(t, facts.OfNow("http_server_requests_seconds"))
	require.False(t, facts.OfNow("sessions_activated_seconds"))
}

// A service may give its own families a prefix that a runtime has, too.
func TestFamiliesThatOnlyLookLikeARuntimes(t *testing.T) {
	for _, family := range []string{
		"process_memory_rss_bytes", "process_memory_peak_rss_bytes", "process_memory_growth_bytes", "process_orders_total", "go_live_orders_total",
		"http_requests_total", "ruby_http_requests_total", "php_orders_total", "system_orders_total", "tomcat_global_request_seconds",
		"otelcol_receiver_accepted_spans_total", "upload_bytes_total", "sessions_activated_total", "python_workers_total", "target_information_total",
	} {
		require.False(t, facts.OfRuntime(family), family)
		require.False(t, facts.MovesByItself(family), family)
	}
}
