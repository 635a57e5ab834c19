package overhead

import "fmt"

// What a block may be like and still be used.
const (
	leastLoad   = 0.99 // of the planned hits
	mostBusy    = 0.6  // of the CPUs that the arms may run on
	mostSteal   = 0.1  // of CPU time
	mostWaiting = 0.8  // of the time that arms' threads were ready to run, they waited for a CPU
	mostOthers  = 0.3  // of the arms' CPUs that others used; threads that wait while it is less wait for each other
	mostUnfit   = 0.2  // of the blocks
	mostLag     = 0.25 // seconds that one hit in a hundred was late
)

// unfit reports why a block cannot be used; nothing when it can.
func unfit(d Design, b Block) string {
	used, waited, latest := 0.0, 0.0, 0
	for arm, m := range b.Arms {
		used, waited = used+m.CPU, waited+m.Waited
		if m.Lag > b.Arms[latest].Lag {
			latest = arm
		}
		if float64(m.Hits) < leastLoad*float64(m.Planned) {
			return fmt.Sprintf("load not achieved: %s was sent %d of %d hits", d.Arms[arm].Name, m.Hits, m.Planned)
		}
	}
	lag, cpus := b.Arms[latest].Lag, 1.0
	if d.Pin != nil {
		cpus = float64(len(d.Pin.Arms))
	}
	others := b.Others / b.Length / cpus
	busy := used / b.Length / cpus
	switch {
	case busy > mostBusy:
		return fmt.Sprintf("saturated: the arms used %.0f %% of their CPU", busy*100)
	case b.Steal > mostSteal:
		return fmt.Sprintf("the hypervisor took %.0f %% of the CPU time", b.Steal*100)
	case others > mostOthers && waited > mostWaiting*(used+waited):
		return fmt.Sprintf("a busy neighbour: other programs used %.0f %% of the arms' CPU, and for %.0f %% of the time in which the arms could have run, they waited for it",
			others*100, waited/(used+waited)*100)
	case lag > mostLag:
		return fmt.Sprintf("the load came late: one hit in a hundred to %s by %.0f ms or more", d.Arms[latest].Name,
			lag*1e3)
	}
	return ""
}

// unlike reports which arm answered the same hits otherwise than the baseline in a block; nothing
// when all answered alike.
func unlike(d Design, b Block) string {
	for arm, m := range b.Arms {
		for answer, n := range b.Arms[0].Answers {
			if m.Answers[answer] != n {
				return fmt.Sprintf("answers differ: %s gave %d × %q where the baseline gave %d", d.Arms[arm].Name,
					m.Answers[answer], answer, n)
			}
		}
	}
	return ""
}
