package formats

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/internal/sample"
)

func junitOf(t *testing.T, r reports.Report) junitSuite {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, JUnit(&out, r))
	var suites junitSuites
	require.NoError(t, xml.Unmarshal(out.Bytes(), &suites))
	return suites.Suite
}

func TestJUnitCountsEachVerdict(t *testing.T) {
	s := junitOf(t, sample.Run())
	require.Equal(t, []int{9, 3, 1, 2}, []int{s.Tests, s.Failures, s.Errors, s.Skipped})
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
		r := sample.Run()
		r.Checks = []assertions.Check{sample.Check("x", "budget", row.verdict, "because")}
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
		end  reports.End
		told assertions.Verdict
		err  bool
	}{
		{"completed and passed", reports.Completed, assertions.Pass, false},
		{"the target died before any check could fail", reports.TargetDied, assertions.Pass, true},
		{"inconclusive without a check that says so", reports.Completed, assertions.Inconclusive, true},
	} {
		r := sample.Run()
		r.Checks = []assertions.Check{sample.Check("held", "budget", assertions.Pass, "held")}
		r.End, r.Verdict = row.end, row.told
		require.Equal(t, row.err, junitOf(t, r).Errors == 1, row.name)
	}
}

// element is what an element of JUnit XML may hold, as the schema of Jenkins' xunit plugin
// (junit-10.xsd) has it.
type element struct{ children, required, optional []string }

var junitElements = map[string]element{
	"testsuites": {[]string{"testsuite"}, nil, []string{"name", "time", "tests", "failures", "errors"}},
	"testsuite": {[]string{"testsuite", "properties", "testcase", "system-out", "system-err"}, []string{"name", "tests", "failures", "errors"},
		[]string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"}},
	"properties": {[]string{"property"}, nil, nil},
	"property":   {nil, []string{"name", "value"}, nil},
	"testcase":   {[]string{"skipped", "error", "failure", "system-out", "system-err"}, []string{"name"}, []string{"time", "classname", "group"}},
	"failure":    {nil, nil, []string{"type", "message"}},
	"error":      {nil, nil, []string{"type", "message"}},
	"skipped":    {nil, nil, []string{"type", "message"}},
	"system-out": {nil, nil, nil},
}

// requireJUnit holds a document against the schema.
func requireJUnit(t *testing.T, out []byte) {
	t.Helper()
	var open []string
	for d := xml.NewDecoder(bytes.NewReader(out)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			requireElement(t, token, append([]string{""}, open...)[len(open)])
			open = append(open, token.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	require.Empty(t, open)
}

func requireElement(t *testing.T, e xml.StartElement, parent string) {
	t.Helper()
	allowed, known := junitElements[e.Name.Local]
	require.True(t, known, "no element %s", e.Name.Local)
	if parent == "" {
		require.Equal(t, "testsuites", e.Name.Local)
	} else {
		require.Contains(t, junitElements[parent].children, e.Name.Local, "in %s", parent)
	}
	var names []string
	for _, a := range e.Attr {
		names = append(names, a.Name.Local)
		if a.Name.Local == "time" {
			require.Regexp(t, `^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$`, a.Value)
		}
	}
	require.Subset(t, names, allowed.required, e.Name.Local)
	require.Subset(t, append(allowed.required, allowed.optional...), names, e.Name.Local)
}
