package config

import "flag"

// Flags defines the flags that set fields of c.
func Flags(set *flag.FlagSet, c *Config) {
	set.StringVar(&c.Listen, "listen", c.Listen, "serve at this `ADDRESS`; port 0 picks one")
	set.StringVar(&c.Admin, "admin", c.Admin, "serve the admin listener at this loopback `ADDRESS`; port 0 picks one")
	set.StringVar(&c.Spec, "spec", c.Spec, "serve this OpenAPI 3 `FILE` in place of the bundled one")
	set.TextVar(&c.LogLevel, "log-level", c.LogLevel, "write events from this `LEVEL` on: debug, info, warn, error")
	set.StringVar(&c.Telemetry, "telemetry", c.Telemetry, "switch telemetry `GROUPS` on and off, such as all,-traces,-logs")
}
