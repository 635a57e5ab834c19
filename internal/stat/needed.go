package stat

import "math"

// maxNeeded bounds what Needed looks for.
const maxNeeded = 1 << 20

// Needed returns how many blocks like those so far it would take until the sequence of the given
// confidence has its radius below the distance to a limit, if the estimate stays where it is; false
// when more than a million would not do.
func (e Estimate) Needed(confidence, distance float64) (blocks int, ok bool) {
	if e.DF < 1 || !(distance > 0) {
		return 0, false
	}
	narrow := func(n int) bool {
		out := int(Trim * float64(n))
		then := Estimate{N: n, DF: n - 2*out - 1, Error: e.Error * math.Sqrt(float64(e.N)/float64(n))}
		return then.Always(confidence).Half() < distance
	}
	low, high := MinLook, MinLook
	for ; !narrow(high); low, high = high, high*2 {
		if high >= maxNeeded {
			return 0, false
		}
	}
	for low < high {
		if mid := (low + high) / 2; narrow(mid) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return high, true
}
