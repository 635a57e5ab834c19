package overhead

import (
	"slices"
	"strings"
)

// groups are the parts of the bundled service's telemetry that can be switched off by themselves.
var groups = []string{"coroutines", "stack", "channel", "auth", "route", "request", "memory", "logs", "traces"}

// ablation returns the bundled service with all of its telemetry off, and with each part that is on
// switched off.
func ablation(c Command, on string) []Arm {
	arms := []Arm{{Name: NoneVariant, Role: Variant, Command: withParts(c, "none")}}
	parts := partsOf(on)
	for _, g := range groups {
		if parts[g] {
			arms = append(arms, Arm{Name: g, Role: Variant, Command: withParts(c, on+",-"+g)})
		}
	}
	return arms
}

// partsOf reads which parts a list such as "all,-traces" switches on, as targetsvc does.
func partsOf(telemetry string) map[string]bool {
	on := map[string]bool{}
	for word := range strings.SplitSeq(telemetry, ",") {
		name, off := strings.CutPrefix(strings.TrimSpace(word), "-")
		if name != "all" && name != "none" {
			on[name] = !off
			continue
		}
		for _, g := range groups {
			on[g] = name == "all"
		}
	}
	return on
}

// withParts returns the bundled service with some of its telemetry on, and the proofs of delivery
// that go with it.
func withParts(c Command, telemetry string) Command {
	on := partsOf(telemetry)
	c.Args = append(slices.Clone(c.Args), "--telemetry="+telemetry)
	c.Metrics, c.Proof = "/metrics", Proof{Roots: on["traces"]}
	if on["request"] {
		c.Proof.Counter = "brrtrouter_requests_total"
	}
	if on["logs"] {
		c.Proof.LogLine = `"msg":"Request complete"`
	}
	return c
}
