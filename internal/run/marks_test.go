package run

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/suite"
	"brrtload/reports"
	"brrtload/scenarios"
)

// The faults of the bundled service are the first marks of a run, whatever happened before.
func TestFaultsAreMarked(t *testing.T) {
	s := &scenarios.Scenario{}
	s.Target.Bundled = &scenarios.Bundled{Faults: map[string]string{"requests-miss-every-nth": "5", "coroutine-leak": ""}}
	plan, err := s.Plan(0)
	require.NoError(t, err)
	r := runner{Options: Options{Suite: &suite.Suite{Scenario: s}}, plan: plan, began: time.Now()}
	require.Equal(t, []reports.Mark{{Text: "fault coroutine-leak"}, {Text: "fault requests-miss-every-nth=5"}}, r.happened())
	s.Target.Bundled = nil
	r = runner{Options: Options{Suite: &suite.Suite{Scenario: s}}, plan: plan, began: time.Now()}
	require.Empty(t, r.happened())
}
