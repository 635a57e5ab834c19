package config

import "flag"

// Flags defines the flags that set fields of c.
func Flags(set *flag.FlagSet, c *Config) {
	set.StringVar(&c.Listen, "listen", c.Listen, "serve at this `ADDRESS`; port 0 picks one")
	set.StringVar(&c.Admin, "admin", c.Admin, "serve the admin listener at this loopback `ADDRESS`; port 0 picks one")
	set.StringVar(&c.Spec, "spec", c.Spec, "serve this OpenAPI 3 `FILE` in place of the bundled one")
	set.IntVar(&c.Copies, "copies", c.Copies,
		"serve every operation `N` times more, under /copy/1 and so on, for a long table of routes")
	set.StringVar(&c.StaticDir, "static-dir", c.StaticDir, "serve the files of this `DIRECTORY` at /static")
	set.StringVar(&c.DocDir, "doc-dir", c.DocDir, "serve the files of this `DIRECTORY` at /docs")
	set.IntVar(&c.StackSize, "stack-size", c.StackSize,
		"stack of coroutines without a size of their own, `BYTES`; odd means tracked")
	set.BoolVar(&c.TrackStacks, "track-stacks", c.TrackStacks, "make every even stack size odd")
	set.IntVar(&c.Mailbox, "mailbox", c.Mailbox, "capacity of each handler's mailbox")
	set.IntVar(&c.Coroutines, "coroutines", c.Coroutines, "coroutines of each handler")
	set.DurationVar(&c.Deadline, "deadline", c.Deadline, "longest time from the send to a handler to its reply")
	set.TextVar(&c.LogLevel, "log-level", c.LogLevel, "write events from this `LEVEL` on: debug, info, warn, error")
	set.DurationVar(&c.ExpositionPeriod, "exposition-period", c.ExpositionPeriod,
		"rebuild /metrics at most once in this `DURATION`; 0 rebuilds it for every scrape")
	set.IntVar(&c.HeapProfileRate, "heap-profile-rate", c.HeapProfileRate,
		"sample one allocation in `BYTES`, as Go does; 1 samples all, which makes what handlers allocate exact")
	set.StringVar(&c.Telemetry, "telemetry", c.Telemetry,
		"switch telemetry `GROUPS` on and off, such as all,-traces,-logs")
	set.StringVar(&c.LabelSets, "label-sets", c.LabelSets,
		"make answers' series by method and status `WHEN`: traffic (at the first answer) or preset (at start)")
}
