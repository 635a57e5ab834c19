package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTracesAreAFunctionOfSeedAndNumber(t *testing.T) {
	const yaml = "traces: {ratio: 0.25}\nrequests: [{get: /a}]\n"
	p, same, other := plan(t, 7, yaml, nil), plan(t, 7, yaml, nil), plan(t, 8, yaml, nil)
	traced := 0
	for n := range p.Hits() {
		trace := p.Hit(n).Trace
		require.Equal(t, trace, same.Hit(n).Trace)
		if trace.IsZero() {
			continue
		}
		traced++
		seq, sent, ours := p.Traced(trace.ID)
		require.True(t, ours)
		require.Equal(t, n, seq, "the hit is read back from the id")
		require.Equal(t, trace, sent)
		_, _, ours = other.Traced(trace.ID)
		require.False(t, ours, "another run's trace")
	}
	require.InDelta(t, 0.25*float64(p.Hits()), float64(traced), 60)
}

func TestTracedWantsTheWholeID(t *testing.T) {
	p := plan(t, 1, "traces: {}\nrequests: [{get: /a}]\n", nil)
	id := p.Hit(3).Trace.ID
	for i := range id {
		wrong := id
		wrong[i] ^= 1
		_, _, ours := p.Traced(wrong)
		require.False(t, ours, "byte %d", i)
	}
	_, _, ours := plan(t, 1, "requests: [{get: /a}]\n", nil).Traced(id)
	require.False(t, ours, "a plan without traces has none")
}

func TestTheRatioOfTracesMayBeAllOrNone(t *testing.T) {
	for ratio, want := range map[string]bool{"1": true, "0": false} {
		p := plan(t, 1, "traces: {ratio: "+ratio+"}\nrequests: [{get: /a}]\n", nil)
		for n := range p.Hits() {
			require.Equal(t, want, !p.Hit(n).Trace.IsZero())
		}
	}
}

func TestTraceparent(t *testing.T) {
	trace := Trace{ID: [16]byte{0x4b, 15: 0x36}, Parent: [8]byte{1, 7: 0xb7}}
	require.Equal(t, "00-4b000000000000000000000000000036-01000000000000b7-01", trace.String())
	require.Len(t, trace.String(), traceParentLength)
}

func TestMistakesInSignals(t *testing.T) {
	for yaml, want := range map[string]string{
		"traces: {ratio: 1.5}":                             "dir/s.yaml:3:9: a ratio of traced hits lies between 0 and 1",
		"traces: {ratio: NaN}":                             `dir/s.yaml:3:17: want a number, got "NaN"`,
		"traces: {listen: '0.0.0.0:4318'}":                 "dir/s.yaml:3:19: want an address of the loopback interface, such as 127.0.0.1:4318",
		"traces: {listen: 'example.test:4318'}":            "dir/s.yaml:3:19: want an address of the loopback interface, such as 127.0.0.1:4318",
		"logs: {format: jsn}":                              `dir/s.yaml:3:16: want "json" or "logfmt", got "jsn"; did you mean "json"?`,
		"logs: {patterns: [{event: a, pattern: '(?P<x'}]}": "dir/s.yaml:3:40: error parsing regexp: invalid named capture: `(?P<x`",
		"logs: {labels: {event: name}}":                    `dir/s.yaml:3:7: "event" cannot be a label here`,
		"logs: {fromat: json}":                             `dir/s.yaml:3:8: unknown field "fromat"; did you mean "format"?`,
	} {
		_, err := load(t, yaml+"\nrequests: [{get: /a}]\n", nil)
		require.ErrorContains(t, err, want, yaml)
	}
	_, err := load(t, "traces: {}\nrequests: [{get: /a, headers: {traceparent: x}}]\n", nil)
	require.ErrorContains(t, err, `the "traces" section sends Traceparent; leave the header out`)
	_, err = load(t, "traces: {listen: 'localhost:4318', ratio: 0.5}\nlogs: {}\nrequests: [{get: /a}]\n", nil)
	require.NoError(t, err)
}
