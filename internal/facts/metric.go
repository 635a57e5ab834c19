package facts

import "strings"

func OfClient(metric string) bool { return strings.HasPrefix(metric, "brrtload_") }

// family gives the name that a histogram's series share.
func FamilyOf(metric string) string {
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		if name, ok := strings.CutSuffix(metric, suffix); ok {
			return name
		}
	}
	return metric
}

// startTime is the standard metric that tells a restarted process from one whose counters went down
// by themselves.
const StartTime = "process_start_time_seconds"

// StartJitter is by how many seconds the start time of one process may wander: it is computed from
// the time of the boot.
const StartJitter = 1.0

// targetEndpoint is the name of the endpoint that belongs to the service that is loaded.
const Target = "target"

// targetStarted is the series that is there when the target was started for the run: it has no
// other callers.
const TargetStarted = "brrtload_target_cpu_seconds_total"
