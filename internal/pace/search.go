package pace

import "time"

// firstAt returns the least t in [0, length] at which reached(t) holds, for a reached that stays
// true once it is. It asks near the guess first, so that a guess good to a few nanoseconds costs a
// few calls.
func firstAt(guess float64, length time.Duration, reached func(time.Duration) bool) time.Duration {
	low, high := time.Duration(-1), length // reached(low) is false, reached(high) is true
	at := min(max(time.Duration(guess), 0), length)
	for step := time.Duration(1); ; step *= 2 {
		if reached(at) {
			high = at
			if at-step <= low {
				break
			}
			at -= step
		} else {
			low = at
			if at+step >= high {
				break
			}
			at += step
		}
		if low >= 0 && high < length {
			break
		}
	}
	for high-low > 1 {
		middle := low + (high-low)/2
		if reached(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}
