package reports

import (
	"bytes"
	"encoding/xml"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

func junitOf(t *testing.T, r Report) junitSuite {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, JUnit(&out, r))
	var suites junitSuites
	require.NoError(t, xml.Unmarshal(out.Bytes(), &suites))
	return suites.Suite
}

func TestJUnitCountsEachVerdict(t *testing.T) {
	s := junitOf(t, sample())
	require.Equal(t, []int{8, 3, 1, 1}, []int{s.Tests, s.Failures, s.Errors, s.Skipped})
	require.Len(t, s.Cases, s.Tests)
}

func TestJUnitMapsEachVerdict(t *testing.T) {
	for _, row := range []struct {
		verdict  assertions.Verdict
		severity assertions.Severity
		want     string
	}{
		{assertions.Pass, assertions.Failing, ""},
		{assertions.Fail, assertions.Failing, "failure"},
		{assertions.Untruthful, assertions.Failing, "failure"},
		{assertions.Inconclusive, assertions.Failing, "error"},
		{assertions.Error, assertions.Failing, "error"},
		{assertions.Pass, assertions.Warning, ""},
		{assertions.Fail, assertions.Warning, "skipped"},
		{assertions.Inconclusive, assertions.Warning, "skipped"},
	} {
		r := sample()
		r.Checks = []assertions.Check{check("x", "budget", row.verdict, "because")}
		r.Checks[0].Severity = row.severity
		c := junitOf(t, r).Cases[1]
		got := ""
		for name, reason := range map[string]*junitReason{"failure": c.Failure, "error": c.Error, "skipped": c.Skipped} {
			if reason != nil {
				got += name
				require.Equal(t, "because", reason.Message)
				require.Equal(t, row.verdict.String(), reason.Type)
			}
		}
		require.Equal(t, row.want, got, "%s, severity %s", row.verdict, row.severity)
	}
}

func TestJUnitNeverPassesARunThatDidNot(t *testing.T) {
	for _, row := range []struct {
		name string
		end  End
		told assertions.Verdict
		err  bool
	}{
		{"completed and passed", Completed, assertions.Pass, false},
		{"the target died before any check could fail", TargetDied, assertions.Pass, true},
		{"inconclusive without a check that says so", Completed, assertions.Inconclusive, true},
	} {
		r := sample()
		r.Checks = []assertions.Check{check("held", "budget", assertions.Pass, "held")}
		r.End, r.Verdict = row.end, row.told
		require.Equal(t, row.err, junitOf(t, r).Errors == 1, row.name)
	}
}
