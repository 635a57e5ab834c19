package fault

// behaviours lists the faults in what the service does; telemetry goes on telling the truth about
// it.
func behaviours() []Fault {
	return []Fault{
		{"handler-latency", Behaviour, "DURATION", "every handler waits that long before it answers",
			duration, seam{handler: handlerLatency}},
		{"handler-cpu", Behaviour, "DURATION", "every handler first uses exactly that much CPU time of its thread",
			duration, seam{handler: handlerCPU}},
		{"handler-allocation", Behaviour, "BYTES", "every handler first allocates that many bytes and drops them",
			size, seam{handler: handlerAllocation}},
		{"deep-recursion", Behaviour, "BYTES", "every handler first recurses until it has used about that much stack",
			func(text string) (int64, error) { return number(text, 64<<20) }, seam{handler: deepRecursion}},
		{"stalled-coroutine", Behaviour, "HANDLER",
			"the first coroutine of the handler to take a request holds it until the fault is off",
			handler, seam{handler: stalledCoroutine}},
		{"coroutine-leak", Behaviour, "N",
			"N more coroutines are started each second, and not ended while the service runs",
			count, seam{beside: coroutineLeak}},
		{"panic-every-nth", Behaviour, "N", "every nth call of a handler panics",
			count, seam{handler: panicEveryNth}},
		{"memory-hog", Behaviour, "BYTES", "that many bytes are held, and touched, until the fault is off",
			size, seam{beside: memoryHog}},
		{"memory-leak", Behaviour, "BYTES",
			"every call of a handler leaves that many bytes behind until the fault is off, 2 GiB at most",
			size, seam{handler: memoryLeak}},
		{"slow-provider", Behaviour, "DURATION", "every security provider waits that long before it decides",
			duration, seam{provider: slowProvider}},
		{"provider-outage", Behaviour, "PROVIDER", "the security provider of that name cannot be asked",
			name, seam{provider: providerOutage}},
		{"slow-route-matching", Behaviour, "DURATION", "every route match takes that much longer",
			duration, seam{matcher: slowRouteMatching}},
		{"connection-close", Behaviour, "N", "every nth connection that is about to carry an answer is closed instead",
			count, seam{server: connectionClose}},
		{"crash", Behaviour, "DURATION", "the process dies of a panic after that time",
			duration, seam{beside: crash}},
	}
}
