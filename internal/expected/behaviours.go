package expected

// Behaviours are the faults of what the bundled service does, each noticed by a shipped scenario.
var Behaviours = []Caught{
	{"smoke", "panic-every-nth=20", "server-errors"},
	{"smoke", "connection-close=10", "unexpected-results"},
	{"stack", "deep-recursion=15000", "stack-used"},
	{"odd-sizes", "deep-recursion=40000", "stack-overflows"},
	{"queue", "handler-latency=60ms", "queue-depth"},
	{"auth", "slow-provider=100ms", "auth-p99"},
	{"auth", "provider-outage=RemoteKey", "auth-failure-reasons"},
	{"routes", "slow-route-matching=20ms", "route-match-p99"},
	{"reload", "stalled-coroutine=get_user", "reload-coroutines-return"},
	{"memory", "memory-hog=314572800", "resident-memory"},
	{"memory", "handler-allocation=16777216", "allocated-per-request"},
	{"allocations", "memory-leak=262144", "memory-leak"},
	{"spike", "handler-latency=25ms", "deep-sends"},
	{"soak", "coroutine-leak=20", "coroutines-flat"},
	{"soak", "memory-leak=2097152", "heap-growth"},
	{"soak", "handler-cpu=30ms", "cpu-per-request"},
	{"soak", "crash=2s", ""},
}
