package overhead

import "fmt"

// What a block may be like and still be used.
const (
	leastLoad    = 0.99 // of the planned hits
	mostBusy     = 0.7  // cores that an arm uses while it is loaded, as a share of one
	mostSteal    = 0.1  // of CPU time
	mostPressure = 0.9  // of the time some task waited for a CPU
	mostUnfit    = 0.2  // of the blocks
)

// unfit says why a block cannot be used; nothing when it can.
func unfit(b Block) string {
	for _, h := range []Half{b.High, b.Low} {
		for _, m := range h.Arms {
			switch {
			case float64(m.Hits) < leastLoad*float64(m.Planned):
				return fmt.Sprintf("load not achieved: %d of %d hits were sent", m.Hits, m.Planned)
			case m.Busy > mostBusy:
				return fmt.Sprintf("saturated: an arm used %.0f %% of a core while it was loaded", m.Busy*100)
			}
		}
	}
	switch {
	case b.Steal > mostSteal:
		return fmt.Sprintf("the hypervisor took %.0f %% of the CPU time", b.Steal*100)
	case b.Pressure > mostPressure:
		return fmt.Sprintf("a busy neighbour: for %.0f %% of the time something waited for a CPU", b.Pressure*100)
	}
	return ""
}

// unlike says which arm answered the same hits otherwise than the baseline in a block; nothing when all answered alike.
func unlike(d Design, b Block) string {
	for _, h := range []Half{b.High, b.Low} {
		for arm, m := range h.Arms {
			for answer, n := range h.Arms[0].Answers {
				if m.Answers[answer] != n {
					return fmt.Sprintf("answers differ: %s gave %d × %q where the baseline gave %d", d.Arms[arm].Name, m.Answers[answer], answer, n)
				}
			}
		}
	}
	return ""
}
