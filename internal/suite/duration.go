package suite

import "time"

// Duration is a time.Duration that JSON has as a person writes it: "1m30s".
type Duration time.Duration

// Duration returns it as Go knows it.
func (d Duration) Duration() time.Duration { return time.Duration(d) }

// String returns it as a person writes it.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	value, err := time.ParseDuration(string(text))
	*d = Duration(value)
	return err
}
