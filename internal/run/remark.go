package run

import (
	"brrtload/internal/scrape"
)

// remark notes what a reader must know of how the endpoints were read, though nothing was lost by
// it that an exact count needs.
func (r *runner) remark(stats []scrape.Stats) {
	for _, s := range stats {
		if s.Failed > 0 {
			r.note("%d of %d scrapes of %s failed, the last because: %v", s.Failed, s.Count, s.Endpoint, s.Err)
		}
		if 4*s.Missed > s.Count {
			r.note("%d scrapes of %s were left out, for the one before was still under way: a maximum rests on fewer samples than asked for", s.Missed, s.Endpoint)
		}
		if s.Restarts > 0 && s.Turns == 0 {
			r.note("%s restarted %d times during the run", s.Endpoint, s.Restarts)
		}
		if s.Unversioned {
			r.note("%s answers with text/plain without a version; it was read as 0.0.4; add version=0.0.4 to its Content-Type", s.Endpoint)
		}
		if len(s.Duplicates) > 0 {
			r.note("%s exposed series twice in one scrape, of which the first counted: %s", s.Endpoint,
				names(s.Duplicates))
		}
	}
}
