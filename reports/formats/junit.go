package formats

import (
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name    string       `xml:"name,attr"`
	Class   string       `xml:"classname,attr"`
	Time    string       `xml:"time,attr"`
	Failure *junitReason `xml:"failure,omitempty"`
	Error   *junitReason `xml:"error,omitempty"`
	Skipped *junitReason `xml:"skipped,omitempty"`
	Out     string       `xml:"system-out,omitempty"`
}

type junitReason struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as JUnit XML: one suite, one case a check. A check that failed or is
// untruthful is a failure; one that could not be decided or looked at is an error; a warning that
// did not hold is skipped, as is a check that had nothing to look at. A run that ended badly has a
// case of its own, "run", so that no reader takes a run without checks for a good one. Nothing is
// in it that the schema of Jenkins' xunit plugin, the strictest of the common ones, does not know:
// the file and line of a check stand in its text.
func JUnit(w io.Writer, r reports.Report) error {
	suite := junitSuite{
		Name: xmlText(r.Scenario), Time: junitSeconds(r.Seconds), Timestamp: r.Started.UTC().Format(time.RFC3339),
		Properties: provenance(r),
	}
	for _, s := range r.Shards[:min(len(r.Shards), tables.MaxShards)] {
		suite.Properties = append(suite.Properties, junitProperty{tables.ShardName(s), xmlText(tables.ShardText(s))})
	}
	suite.add(runCase(r))
	for _, c := range tables.Echoed(r.Checks) {
		suite.add(checkCase(r, c))
	}
	text, err := xml.MarshalIndent(junitSuites{Suite: suite}, "", "  ")
	if err != nil {
		return err
	}
	// "##" begins a command in the logs of some CI systems.
	_, err = io.WriteString(w, xml.Header+strings.ReplaceAll(string(text), "##", "#&#35;")+"\n")
	return err
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// runCase is the run itself: it is an error when the load was not carried out to its end, or when
// no check explains a verdict that is not a pass.
func runCase(r reports.Report) junitCase {
	c := junitCase{Name: "run", Class: xmlText(r.Scenario + ".run"), Time: junitSeconds(r.Seconds),
		Out: xmlText(strings.Join(r.Notes, "\n"))}
	if r.End != reports.Completed || r.Verdict != assertions.Pass && !slices.ContainsFunc(r.Checks, reports.Decides) {
		c.Error = &junitReason{Message: xmlText(fit.Line(r.Reason, 500)), Type: xmlText(string(r.End))}
	}
	return c
}

func checkCase(r reports.Report, check assertions.Check) junitCase {
	c := junitCase{
		// readers add the cases up
		Name: xmlText(check.ID), Class: xmlText(r.Scenario + "." + check.Kind), Time: junitSeconds(0),
	}
	reason := &junitReason{
		Message: xmlText(fit.Line(check.Sentence(),
			500)), Type: check.Verdict.String(), Text: xmlText(strings.Join(tables.Details(check, tables.None), "\n")),
	}
	if !reports.Held(check) {
		reason.Text += xmlText("\non the page: " + tables.PageAddress(check))
	}
	switch {
	case check.Verdict == assertions.NotApplicable:
		c.Skipped = reason
	case reports.Held(check):
		c.Out = xmlText(measurements(check))
	case !reports.Decides(check):
		c.Skipped = reason
	case check.Verdict == assertions.Fail, check.Verdict == assertions.Untruthful:
		c.Failure = reason
	default:
		c.Error = reason
	}
	return c
}

// measurements reports what was measured where a check held: its worst finding.
func measurements(c assertions.Check) string {
	worst, ok := c.Worst()
	if !ok {
		return ""
	}
	return fit.Line(tables.Finding(worst), 500)
}

func junitSeconds(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }

// xmlText takes out what XML cannot hold, a terminal might obey or a reader cannot see; the encoder
// escapes the rest.
func xmlText(text string) string { return fit.Visible(text) }

// provenance returns where and with what the run was made.
func provenance(r reports.Report) []junitProperty {
	var all []junitProperty
	for _, p := range []junitProperty{
		{"brrtload", r.Where.Brrtload}, {"verdict", r.Verdict.String()}, {"exit_status", strconv.Itoa(r.Status)},
		{"seed", strconv.FormatUint(r.Seed, 10)}, {"target", r.Target.Name}, {"target_build", r.Target.Build},
		{"go", r.Where.Go}, {"os", r.Where.OS}, {"kernel", r.Where.Kernel}, {"cpu", r.Where.CPU},
		{"cpus", strconv.Itoa(r.Where.CPUs)}, {"gomaxprocs", strconv.Itoa(r.Where.GOMAXPROCS)}, {"cgroup", r.Where.Cgroup},
	} {
		if p.Value != "" {
			all = append(all, junitProperty{p.Name, xmlText(p.Value)})
		}
	}
	return all
}
