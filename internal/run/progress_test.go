package run

import (
	"bytes"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/suite"
	"brrtload/reports/terminal"
	"brrtload/scenarios"
)

// A second's figures are of the stage in which that second began, and so are shown with its name.
func TestARateIsShownBesideTheStageItIsOf(t *testing.T) {
	stages := []scenarios.Span{{Name: "warm-up", End: 2 * time.Second}, {Name: "steady", Start: 2 * time.Second, End: 5 * time.Second}, {Name: "peak", Start: 5 * time.Second, End: 6 * time.Second}}
	for elapsed, want := range map[time.Duration]string{
		time.Second: "warm-up", 2 * time.Second: "warm-up", 2999 * time.Millisecond: "warm-up", 3 * time.Second: "steady", 5 * time.Second: "steady",
		6 * time.Second: "peak", 9 * time.Second: "peak", // the last hits are still in flight
	} {
		require.Equal(t, want, stages[stageAt(stages, elapsed)].Name, "after %s", elapsed)
	}
}

func TestNoSecretIsToldOnTheWay(t *testing.T) {
	const text = `
target: {command: [svc, -token, "${TOKEN}"], url: "http://127.0.0.1:1"}
credentials: {user: {bearer: {token: {env: TOKEN}}}}
stages: [{rate: 1, duration: 1s}]
requests: [{get: /, credential: user}]
`
	s, err := scenarios.Settings{Environment: func(string) (string, bool) { return "s3cr3t-token-42", true }}.Load(
		fstest.MapFS{"a.yaml": {Data: []byte(text)}}, "a.yaml")
	require.NoError(t, err)
	var console bytes.Buffer
	r := runner{Options: Options{Suite: &suite.Suite{Scenario: s}, Progress: terminal.NewProgress(&console, terminal.Lines)}}
	r.say("target svc -token %s is ready", "s3cr3t-token-42")
	require.Equal(t, "target svc -token REDACTED is ready\n", console.String())
}
