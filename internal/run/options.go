package run

import (
	"brrtload/internal/load"
	"brrtload/internal/remotewrite"
	"brrtload/internal/shard"
	"brrtload/internal/suite"
	"brrtload/reports/terminal"
)

// Options say what to run and where to keep it. All but Stop and Recorder must be given.
type Options struct {
	*suite.Suite
	Dir      string          // the run directory; it exists, with nothing but what was kept of the suite
	Bundled  string          // path of the bundled service's program
	Stop     <-chan struct{} // closed: send no more, drain, judge what was measured
	Progress *terminal.Progress
	Recorder *load.Recorder    // of every result, if not nil; the caller closes it
	Decide   bool              // end the load as soon as a budget has failed for good; see [assertions.Decided]
	Remote   *remotewrite.Sink // takes every sample, too, if not nil
	Shard    *shard.Member     // which part of the load is sent; all of it when nil
}
