package scrape

import "time"

// Stats is how the reading of one endpoint has gone so far.
type Stats struct {
	Endpoint string
	Count    int // scrapes sent
	Failed   int
	Missed   int           // due while the one before was still under way
	Bytes    int64         // of all bodies
	Took     time.Duration // of all scrapes
	Series   int           // in the last one that succeeded
	Err      error         // the last failure
	Restarts int           // how often the process was found to have started anew
	Turns    int           // how often another process answered, which had been there before

	Unversioned bool     // answered with text that does not say of which version
	Duplicates  []string // series that one exposition had twice, the first few
}

// Add takes in one more scrape.
func (s *Stats) Add(r Reading) {
	s.Count++
	s.Took += r.Took
	s.Bytes += int64(r.Bytes)
	if r.Err != nil {
		s.Failed++
		s.Err = r.Err
		return
	}
	s.Series = r.Series
	s.Unversioned = s.Unversioned || r.Unversioned
	if r.Turn {
		s.Turns++
	}
	if r.Restarted {
		s.Restarts++
	}
	if len(s.Duplicates) == 0 {
		s.Duplicates = r.Duplicates
	}
}
