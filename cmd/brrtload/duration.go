package main

import "time"

// duration is a time.Duration that JSON has as a person writes it: "1m30s".
type duration time.Duration

// Duration returns it as Go knows it.
func (d duration) Duration() time.Duration { return time.Duration(d) }

func (d duration) String() string { return time.Duration(d).String() }

// MarshalText implements encoding.TextMarshaler.
func (d duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *duration) UnmarshalText(text []byte) error {
	value, err := time.ParseDuration(string(text))
	*d = duration(value)
	return err
}
