package expected

// Lie is one that the bundled service tells, and who notices.
type Lie struct {
	Fault string
	By    string   // the check that should catch it
	Also  []string // those that speak, too
	Why   string   // they do
	May   []string // those that speak only where the service used enough CPU in the time
	With  string   // the scenario that shows it, where smoke does not
}

// Lies are those that the bundled service can tell about its metrics.
var Lies = []Lie{
	{Fault: "requests-miss-every-nth=5", By: "requests-by-status"},
	{Fault: "requests-counted-twice=5", By: "requests-by-status"},
	{Fault: "in-flight-leak=5", By: "in-flight-returns"},
	{Fault: "counter-reset=60", By: "counters-only-go-up",
		Also: []string{"auth-failures", "requests-by-status", "route-misses-answered"},
		Why:  "what was counted before the reset is gone from the counts that these look at"},
	{Fault: "frozen-gauge=brrtrouter_active_requests", By: "in-flight-alive"},
	{Fault: "frozen-gauge=brrtrouter_requests_total", By: "requests-by-status"},
	{Fault: "zero-gauge=brrtrouter_coroutine_stack_used_bytes", By: "stack-used-alive", Also: []string{"stack-used-positive"},
		Why: "the pack stack asks the same of a service by itself"},
	{Fault: "missing-family=brrtrouter_auth_duration_seconds", By: "contract"},
	{Fault: "changed-type=brrtrouter_requests_total", By: "contract"},
	{Fault: "renamed-label=brrtrouter_requests_total", By: "contract"},
	{Fault: "swapped-label-value=brrtrouter_auth_failures_total", By: "auth-failures"},
	{Fault: "label-per-request=brrtrouter_requests_total", By: "series-bounded", Also: []string{"contract"},
		Why: "the label is not promised"},
	{Fault: "wrong-histogram-sum=brrtrouter_request_duration_seconds", By: "histogram-shapes"},
	{Fault: "histogram-in-milliseconds=brrtrouter_request_duration_seconds", By: "within-service-time"},
	{Fault: "clipped-histogram=brrtrouter_request_duration_seconds", By: "within-service-time"},
	{Fault: "early-duration=wait", By: "within-service-time"},
	{Fault: "zero-histogram=brrtrouter_response_wait_seconds", By: "values-measured"},
	{Fault: "one-bucket-histogram=brrtrouter_response_wait_seconds", By: "values-measured"},
	{Fault: "unset-gauge=brrtrouter_routes_registered", By: "values-plausible"},
	{Fault: "size-as-mark=brrtrouter_coroutine_stack_bytes", By: "stack-used-alive"},
	{Fault: "moves-once=brrtrouter_active_requests", By: "in-flight-alive"},
	{Fault: "created-ahead=brrtrouter_requests_total", By: "exposition-format"},
	{Fault: "misplaced-exemplar=brrtrouter_request_duration_seconds", By: "exposition-format"},
	{Fault: "slow-metrics=120ms", By: "exposition-prompt"},
	{Fault: "stale-metrics=5s", By: "exposition-fresh"}, // the run waits until it is rebuilt: the counts are exact then
	{Fault: "truncated-metrics=20000@1500ms", By: "exposition-readable"},
	{Fault: "garbage-metrics=20000@1500ms", By: "exposition-readable"},
	{Fault: "enormous-metrics=90000000@1500ms", By: "exposition-readable"},
	{Fault: "enormous-metrics=20000", By: "contract"},
	{Fault: "failing-metrics=2@1500ms", By: "exposition-readable"},
}

// OtherLies are those about logs, spans and queues, which scripts of their own show.
var OtherLies = []Lie{
	{Fault: "wait-from-dequeue=wait", With: "queue", By: "burst-littles-law"},
	{Fault: "missing-event=Request complete", By: "log-of-requests"},
	{Fault: "secret-in-log=X-API-Key", By: "secrets"},
	{Fault: "lost-spans=10", By: "spans-accounted-for", Also: []string{"traces-of-hits", "traces-whole"},
		Why: "a trace without its root belongs to no hit"},
}

// leaking is what the lies about what is kept need: something that is.
const leaking = "allocations --fault memory-leak=262144"

// MemoryLies are those that a heap profile, or the kernel, is a witness to.
var MemoryLies = []Lie{
	{Fault: "doubled-allocations=digest_document", With: "allocations", By: "memory-allocated-by-handler",
		Also: []string{"memory-objects-by-handler"}, Why: "both are counted twice"},
	{Fault: "swapped-allocations=digest_document,list_pets", With: "allocations", By: "memory-allocated-by-handler",
		Also: []string{"memory-objects-by-handler"}, Why: "both are swapped"},
	{Fault: "forgotten-leak=go_gc_heap_live_bytes", With: leaking, By: "memory-live-growth",
		Also: []string{"memory-live-traced"}, Why: "less is live than the profile has"},
	{Fault: "frozen-gauge=process_resident_memory_bytes", With: leaking, By: "memory-resident-at-rest",
		Also: []string{"resident-memory-agrees"}, Why: "every run asks whether it is far from what the kernel has"},
}
