package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
)

// The commands of this file read result.json. Scripts check its fields and exit statuses, and leave
// sentences to the golden files of the reports.

// field checks one value of the result.json in a run directory: field DIR PATH VALUE.
// A path has dots; a list is indexed by number, or by the id or name of the object in it.
func field(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: field DIR PATH VALUE")
	}
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0]+"/"+reports.ResultFile)), &value))
	for part := range strings.SplitSeq(args[1], ".") {
		value = within(value, part)
	}
	if got := fmt.Sprint(value); (got == args[2]) == neg {
		ts.Fatalf("%s of %s is %s, want %s", args[1], args[0], got, args[2])
	}
}

func within(value any, part string) any {
	switch value := value.(type) {
	case map[string]any:
		return value[part]
	case []any:
		if i, err := strconv.Atoi(part); err == nil && i < len(value) {
			return value[i]
		}
		for _, element := range value {
			if object, ok := element.(map[string]any); ok && (object["id"] == part || object["name"] == part) {
				return object
			}
		}
	}
	return nil
}

func resultOf(ts *testscript.TestScript, dir string) (r reports.Report) {
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(dir+"/"+reports.ResultFile)), &r))
	return r
}

// counted checks that client and server counted the same in an identity, and how much in all:
// counted DIR ID N.
func counted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: counted DIR ID N")
	}
	want, err := strconv.ParseFloat(args[2], 64)
	ts.Check(err)
	c := checkOf(resultOf(ts, args[0]), args[1])
	client, server := 0.0, 0.0
	for _, f := range c.Findings {
		if f.Count != nil {
			client, server = client+f.Count.Client, server+f.Count.Server
		}
	}
	if client != want || server != want {
		ts.Fatalf("%s: the client counted %g and the server %g, want %g: %s", args[1], client, server, want, c.Reason)
	}
}

// truthful checks that no check of a run found telemetry untruthful: truthful DIR.
func truthful(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: truthful DIR")
	}
	r := resultOf(ts, args[0])
	if ids := accusing(r); len(ids) > 0 || r.Verdict == assertions.Untruthful {
		ts.Fatalf("untruthful: %v: %s", ids, r.Reason)
	}
}

// accusing lists all checks that are untruthful, those that only rest on another included.
func accusing(r reports.Report) (ids []string) {
	for _, c := range r.Checks {
		if c.Verdict == assertions.Untruthful && c.Severity != assertions.Warning {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// measured runs a command whose outcome is a measurement: measured STATUS COMMAND [ARG...] --dir
// DIR [ARG...]. So is what is judged or shown again: measured STATUS brrtload verify DIR [ARG...].
// It must exit with the status; or with 4, where the figures in result.json show that the machine
// had no CPU to spare. A load that was sent whole and is too small for a quantile is so on any machine.
func measured(ts *testscript.TestScript, neg bool, args []string) {
	at := slices.IndexFunc(args, func(arg string) bool { return arg == "--dir" || arg == "verify" || arg == "report" })
	if neg || len(args) < 2 || at < 0 || at+1 == len(args) {
		ts.Fatalf("usage: measured STATUS COMMAND [ARG...] --dir DIR [ARG...], or measured STATUS brrtload verify DIR")
	}
	got := statusOf(ts, args[1:])
	if strconv.Itoa(got) == args[0] {
		return
	}
	r := resultOf(ts, args[at+1])
	why := "the machine had CPU to spare"
	if short := shortage(r); got != reports.StatusInconclusive || tooFew(r) {
		why = "that is no matter of the machine"
	} else if short != "" {
		ts.Logf("undecided: %s", short)
		return
	}
	ts.Fatalf("exit status %d, want %s, and %s: %s", got, args[0], why, r.Reason)
}

// tooFew reports whether a check is inconclusive for the number of hits that were asked for.
func tooFew(r reports.Report) bool {
	return r.Generator.Dropped == 0 && slices.ContainsFunc(r.Checks, func(c assertions.Check) bool {
		return c.Verdict == assertions.Inconclusive && strings.Contains(c.Reason, "; send more in this window")
	})
}

func TestALoadIsTooSmallOnAnyMachine(t *testing.T) {
	t.Parallel()
	f := service(t)
	o := f.load(t, "target: {url: "+f.URL+"}\n"+oneHit)
	r, err := reports.Read(o.dir)
	require.NoError(t, err, o.stderr)
	require.True(t, tooFew(r), o.stdout)
}

// judged checks the verdict of one check: judged DIR ID VERDICT. Where the machine had no CPU to
// spare, it may be inconclusive.
func judged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: judged DIR ID VERDICT")
	}
	r := resultOf(ts, args[0])
	c := checkOf(r, args[1])
	if c.Verdict.String() == args[2] || c.Verdict == assertions.Inconclusive && shortage(r) != "" {
		return
	}
	// Where the load came late, though whole, the check is held to the verdict that it came to by itself.
	if o := c.Overruled; o != nil && o.Cause == assertions.Undelivered && r.Generator.Dropped == 0 &&
		o.Own.String() == args[2] {
		return
	}
	ts.Fatalf("%s is %s, want %s: %s", args[1], c.Verdict, args[2], c.Reason)
}

// pressed is from which CPU pressure on a machine has no CPU to spare.
const pressed = 0.2

// shortage reports by what figure the machine had no CPU to spare during a run; empty when it had.
// An experiment about overhead says so itself: its verdict is of its blocks, which have figures of
// their own.
func shortage(r reports.Report) string {
	for _, c := range r.Checks {
		if c.Overruled != nil && c.Overruled.Cause == assertions.Busy {
			return c.Overruled.Text
		}
	}
	switch {
	case r.Overhead != nil && (r.Overhead.Verdict == "unfit" || r.Overhead.Verdict == "inconclusive"):
		return r.Overhead.Reason
	case r.Where.Steal > 0.02:
		return fmt.Sprintf("steal %.0f %%", 100*r.Where.Steal)
	case r.Where.Pressure > pressed:
		return fmt.Sprintf("CPU pressure %.0f %%", 100*r.Where.Pressure)
	case r.Generator.Lag.P99 > 0.005:
		return fmt.Sprintf("lag p99 %.1f ms", 1000*r.Generator.Lag.P99)
	default:
		return ""
	}
}

// exitStatus: status N COMMAND... runs a command that must exit with N.
func exitStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND [ARG...]")
	}
	if got := statusOf(ts, args[1:]); strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

// again checks that verify comes to the status that a run directory has: again DIR.
func again(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: again DIR")
	}
	had := resultOf(ts, args[0])
	if got := statusOf(ts, []string{"brrtload", "verify", args[0]}); got != had.Status {
		ts.Fatalf("verify exits with %d, and the run with %d", got, had.Status)
	}
}

func statusOf(ts *testscript.TestScript, command []string) int {
	err := ts.Exec(command[0], command[1:]...)
	if err == nil {
		return 0
	}
	exit, ok := err.(*exec.ExitError)
	if !ok {
		ts.Fatalf("%v", err)
	}
	return exit.ExitCode()
}
