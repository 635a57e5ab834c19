package identities

import (
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
)

// excuse makes inconclusive what the falls of counters explain. After a restart the service is
// short of counts; where several processes may answer in turn, it may have too many as well.
func excuse(findings []assertions.Finding, falls []doubts.Fall) {
	several := slices.ContainsFunc(falls, func(f doubts.Fall) bool { return f.MaybeInTurn })
	for n, f := range findings {
		switch {
		case f.Verdict != assertions.Untruthful:
		case several:
			findings[n].Verdict = assertions.Inconclusive
		case accusesOfTooFew(f):
			findings[n].Verdict = assertions.Inconclusive
			findings[n].Text += "; so much may be what it had counted before it restarted"
		}
	}
}

// accusesOfTooFew reports whether a finding says that the server counted fewer than there were.
func accusesOfTooFew(f assertions.Finding) bool {
	return f.Verdict == assertions.Untruthful && f.Count != nil && f.Count.Difference < 0
}
