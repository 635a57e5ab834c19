// Package config says how the service is to run.
//
// One [Config], one function a source: [Default], then [FromFile], then [FromEnvironment], then
// [Flags], each laid over the one before. [Config.StackOf] resolves a handler's stack size.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Config is how the service is to run. Sizes are bytes.
type Config struct {
	Listen string `yaml:"listen"` // host:port; port 0 picks one
	Admin  string `yaml:"admin"`  // host:port on loopback
	Spec   string `yaml:"spec"`   // path of an OpenAPI document; "" is the bundled one
	Copies int    `yaml:"copies"` // how many times more every operation is served, under /copy/1 and so on

	StaticDir string `yaml:"static_dir"` // "" is the bundled files
	DocDir    string `yaml:"doc_dir"`

	StackSize     int            `yaml:"stack_size"`      // of coroutines without a size of their own; odd means tracked
	StackMin      int            `yaml:"stack_min_bytes"` // sizes are clamped to these
	StackMax      int            `yaml:"stack_max_bytes"`
	TrackStacks   bool           `yaml:"track_stacks"` // makes even sizes odd
	StackOverride map[string]int `yaml:"-"`            // by handler in lower case, from the environment

	Mailbox       int   `yaml:"mailbox"`        // capacity of each handler's mailbox
	Coroutines    int   `yaml:"coroutines"`     // of each handler
	MaxCoroutines int   `yaml:"max_coroutines"` // alive at once; 0 means no bound
	MaxBody       int64 `yaml:"max_body_bytes"` // of a request

	Deadline  time.Duration `yaml:"deadline"`   // from the send to a handler to its reply
	KeepAlive time.Duration `yaml:"keep_alive"` // how long an idle connection is kept
	Drain     time.Duration `yaml:"drain"`      // how long requests in flight may take at shutdown

	APIKey         Secret        `yaml:"api_key"`
	BearerSecret   Secret        `yaml:"bearer_secret"`
	BearerIssuer   string        `yaml:"bearer_issuer"`
	BearerAudience string        `yaml:"bearer_audience"`
	RemoteURL      string        `yaml:"remote_url"` // "" is the admin listener's /verify
	RemoteTimeout  time.Duration `yaml:"remote_timeout"`
	RemoteCache    time.Duration `yaml:"remote_cache"` // 0 keeps no answer

	LogLevel  slog.Level `yaml:"log_level"`
	Telemetry string     `yaml:"telemetry"`  // groups: all, none, names, -names
	LabelSets string     `yaml:"label_sets"` // of answers, by method and status: traffic (from the first on) or preset

	HeapProfileRate int `yaml:"heap_profile_rate"` // mean bytes between two sampled allocations; 1 samples all

	ExpositionPeriod time.Duration `yaml:"exposition_period"` // /metrics is rebuilt at most so often; 0 is for every scrape
}

// Secret is a text that is not shown when it is printed or logged.
type Secret string

// String hides the secret.
func (Secret) String() string { return "[secret]" }

// LogValue hides the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// The bundled demonstration secrets. They protect nothing: anybody can read them here.
const (
	DemoAPIKey       Secret = "test-key"
	DemoBearerSecret Secret = "brrtload-demo-secret-of-32-bytes!"
	DemoIssuer              = "brrtload"
	DemoAudience            = "targetsvc"
)

// Default is how the service runs when nothing is said.
func Default() Config {
	return Config{
		Listen: "127.0.0.1:8080", Admin: "127.0.0.1:8081",
		StackSize: 0x4001, StackMin: 0x800, StackMax: 0x100000,
		Mailbox: 64, Coroutines: 4, MaxCoroutines: 4096, MaxBody: 1 << 20,
		Deadline: 10 * time.Second, KeepAlive: 60 * time.Second, Drain: 10 * time.Second,
		APIKey: DemoAPIKey, BearerSecret: DemoBearerSecret, BearerIssuer: DemoIssuer, BearerAudience: DemoAudience,
		RemoteTimeout: time.Second, RemoteCache: 5 * time.Second,
		LogLevel: slog.LevelInfo, Telemetry: "all", LabelSets: LabelSetsTraffic,
		HeapProfileRate: 512 << 10,
	}
}

// The values of Config.LabelSets.
const (
	LabelSetsTraffic = "traffic" // a series exists from its first event on, as in most services
	LabelSetsPreset  = "preset"  // series that are known beforehand exist at start, with 0
)

// Check finds every value that is out of range.
func (c Config) Check() error {
	var errs []error
	within := func(name string, value, least, most int64) {
		if value < least || value > most {
			errs = append(errs, fmt.Errorf("%s: want %d to %d, got %d", name, least, most, value))
		}
	}
	positive := func(name string, d time.Duration) {
		if d <= 0 {
			errs = append(errs, fmt.Errorf("%s: want more than 0, got %s", name, d))
		}
	}
	within("stack_min_bytes", int64(c.StackMin), 1, int64(c.StackMax))
	within("stack_max_bytes", int64(c.StackMax), int64(c.StackMin), 1<<20)
	within("stack_size", int64(c.StackSize), 1, 1<<31-1)
	within("copies", int64(c.Copies), 0, 1000)
	within("mailbox", int64(c.Mailbox), 1, 1<<20)
	within("coroutines", int64(c.Coroutines), 1, 1<<16)
	within("max_coroutines", int64(c.MaxCoroutines), 0, 1<<20)
	within("max_body_bytes", c.MaxBody, 0, 64<<20)
	within("heap_profile_rate", int64(c.HeapProfileRate), 1, 1<<30)
	positive("deadline", c.Deadline)
	positive("keep_alive", c.KeepAlive)
	positive("drain", c.Drain)
	positive("remote_timeout", c.RemoteTimeout)
	if c.LabelSets != LabelSetsTraffic && c.LabelSets != LabelSetsPreset {
		errs = append(errs, fmt.Errorf("label_sets: want %s or %s, got %q", LabelSetsTraffic, LabelSetsPreset, c.LabelSets))
	}
	return errors.Join(errs...)
}
