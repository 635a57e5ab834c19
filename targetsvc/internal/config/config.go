// Package config says how the service is to run.
//
// One [Config], one function a source: [Default], then a YAML file, then the environment, then flags, each laid over the one
// before. Secrets are fields like others, but have no flag, and String does not show them.
package config

import (
	"log/slog"
	"time"
)

// Config is how the service is to run. Sizes are bytes.
type Config struct {
	Listen, Admin string // addresses, host:port; port 0 picks one
	Spec          string // path of an OpenAPI document; "" is the bundled one

	StaticDir, DocDir string // directories served in place of the bundled files

	StackSize     int   // of coroutines without a size of their own; odd means tracked
	Mailbox       int   // capacity of each handler's mailbox
	Coroutines    int   // of each handler
	MaxCoroutines int   // alive at once; 0 means no bound
	MaxBody       int64 // of a request

	Deadline  time.Duration // from the send to a handler to its reply
	KeepAlive time.Duration // how long an idle connection is kept
	Drain     time.Duration // how long requests in flight may take at shutdown

	APIKey         string
	BearerSecret   string
	BearerIssuer   string
	BearerAudience string
	RemoteURL      string // "" asks the admin listener's /verify
	RemoteTimeout  time.Duration
	RemoteCache    time.Duration

	LogLevel  slog.Level
	Telemetry string // groups, as telemetry.ParseGroups reads them
}

// The bundled demonstration secrets. They protect nothing: anybody can read them here.
const (
	DemoAPIKey       = "test-key"
	DemoBearerSecret = "brrtload-demo-secret-of-32-bytes!"
	DemoIssuer       = "brrtload"
	DemoAudience     = "targetsvc"
)

// Default is how the service runs when nothing is said.
func Default() Config {
	return Config{
		Listen: "127.0.0.1:8080", Admin: "127.0.0.1:8081",
		StackSize: 0x4001, Mailbox: 64, Coroutines: 4, MaxCoroutines: 4096, MaxBody: 1 << 20,
		Deadline: 10 * time.Second, KeepAlive: 60 * time.Second, Drain: 10 * time.Second,
		APIKey: DemoAPIKey, BearerSecret: DemoBearerSecret, BearerIssuer: DemoIssuer, BearerAudience: DemoAudience,
		RemoteTimeout: time.Second, RemoteCache: 5 * time.Second,
		LogLevel: slog.LevelInfo, Telemetry: "all",
	}
}
