package discover

import "time"

// Learned is what the experiment found.
type Learned struct {
	URL             string // of the service, without a path
	Metrics         string // where it was scraped: a path of the service, or a URL
	Families        int
	Paths           []Path
	PathsFrom       string // how they were found
	Sent            int    // requests, scrapes left out
	Steps           []Step
	Instrumentation *Instrumentation // nil when no profile fits the names
	Counter         *Counter         // nil when no series counted the requests
	Duration        *Duration        // nil when none timed them
	InFlight        *InFlight        // nil when no gauge looks like one
	Age             time.Duration    // the longest that a count took to be exposed
	Restless        []string         // metrics that increase without any request of ours, runtimes left out
	Process         string           // what is known of the processes behind the two ports
	Turns           bool             // several processes answer scrapes in turn, each with its own counts
	Unversioned     bool             // the exposition's content type has no version
	Calibrated      Calibration

	fields   []field           // that every request shows
	Scraping []string          // settings of scrapes, as a scenario writes them
	Exposed  map[string]Family // by name
}
