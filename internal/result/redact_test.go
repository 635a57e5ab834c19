package result

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
)

func TestAReportIsRedactedInEveryPart(t *testing.T) {
	limit, at := 3.5, time.Unix(7, 9).UTC()
	report := reports.Report{Started: at, Target: reports.Target{Name: "svc --token s3cret"}, Notes: []string{"a s3cret", "none"},
		Requests: []reports.Request{{Name: "s3cret", Kinds: map[string]int64{"status s3cret": 4}}},
		Checks:   []assertions.Check{{Findings: []assertions.Finding{{Text: "s3cret", Limit: &limit, Series: map[string]string{"a": "s3cret"}}}}}}
	out := Redacted(report, strings.NewReplacer("s3cret", "REDACTED"))
	require.Equal(t, reports.Report{Started: at, Target: reports.Target{Name: "svc --token REDACTED"}, Notes: []string{"a REDACTED", "none"},
		Requests: []reports.Request{{Name: "REDACTED", Kinds: map[string]int64{"status REDACTED": 4}}},
		Checks:   []assertions.Check{{Findings: []assertions.Finding{{Text: "REDACTED", Limit: &limit, Series: map[string]string{"a": "REDACTED"}}}}}}, out)
	require.Equal(t, "svc --token s3cret", report.Target.Name, "the report that is given stays as it is")
}
