package main

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"brrtload/assertions"
	"brrtload/internal/tier"
	"brrtload/reports"
)

// ending is a run that does not come to its natural end, and what it must come to.
type ending struct {
	name string
	// target is the shell script of a process that the run starts; the fixture answers in its
	// place.
	target string
	yaml   string                           // more of the scenario
	whole  string                           // the scenario but for its target, in place of the fixture's
	keys   string                           // more keys of the target
	at     func(*testing.T, *upset) string  // another address than the fixture's
	shell  string                           // a script that starts brrtload as "$@", when it is not started directly
	upset  func(t *testing.T, u *upset)     // makes the trouble; called before the run is started
	status int                              //
	stdout []string                         // that the report says
	stderr []string                         // that standard error says
	either []string                         // that the one or the other says
	end    reports.End                      // "" when there is no report to be read
	check  func(*testing.T, reports.Report) // whatever else must hold of the report
}

// upset is a run that a test makes trouble for.
type upset struct {
	*fixture
	command *exec.Cmd
	said    *shared // standard error
}

// sleeper is a target that does nothing but live, with a child that does the same.
const sleeper = "sleep 3600 & sleep 3600"

// signal sends a signal to brrtload, once it has answered the one before with these words.
func (u *upset) signal(t *testing.T, s syscall.Signal, after string) {
	await(t, func() bool { return strings.Contains(u.said.String(), after) })
	if err := u.command.Process.Signal(s); err != nil {
		t.Errorf("%v", err)
	}
}

// interrupt sends a first Ctrl-C.
func (u *upset) interrupt(t *testing.T) { u.signal(t, syscall.SIGINT, "") }

// scrape calls do in the n-th scrape for which when holds, and before it is answered.
func (u *upset) scrape(n int64, when func() bool, do func()) {
	u.scraped = func(w http.ResponseWriter, r *http.Request) {
		if when() && u.scrapes.Add(1) == n {
			do()
		}
		u.expose(w, r)
	}
}

func atAnyTime() bool { return true }

// after holds when the scrape of a name has been kept.
func (u *upset) after(scrape string) func() bool {
	return func() bool { return u.passed(scrape) }
}

// kept calls do once a file of that name is in the run directory.
func (u *upset) kept(t *testing.T, name string, do func()) {
	go func() {
		await(t, func() bool { _, err := os.Stat(filepath.Join(u.run, name)); return err == nil })
		do()
	}()
}

// die lets the target see that it is to die. See [mortal].
func (u *upset) die(t *testing.T) {
	if err := os.WriteFile(u.run+".die", nil, 0o644); err != nil {
		t.Errorf("%v", err)
	}
	await(t, func() bool { _, err := os.Stat(u.run + ".die"); return err != nil })
	await(t, func() bool { return len(leftBy(t, u.run)) <= 1 }) // brrtload alone
}

// mortal is a target that lives until a file of that name appears, and takes it away.
const mortal = `while [ ! -e "$RUN.die" ]; do sleep 0.02; done; echo "out of memory, says the target"; rm "$RUN.die"; exit 7`

// The names of the scenario's edge scrapes.
const (
	endOfWarmup = "end_of_warm-up"
	endOfLoad   = "end_of_stage_1"
	interrupted = "brrtload: interrupted; sending no more"
)

// slowly is a budget that takes seconds to judge: thirty times a thousand medians of a thousand
// values.
var slowly = "  - {id: slow, expr: '" + strings.Repeat(median+" + ", 29) + median + "', must: '< 1000'}\n"

const median = "max(max_over_time(quantile_over_time(0.5, sum(fixture_depth)[range():1ms])[range():1ms]))"

var endings = []ending{
	{name: "interrupted while it waits until the target is ready", target: sleeper, status: 130, end: reports.Interrupted,
		upset: func(t *testing.T, u *upset) {
			u.ready = func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusServiceUnavailable)
				u.once.Do(func() { u.interrupt(t) })
			}
		}, stdout: []string{"INCONCLUSIVE fixture: interrupted"}, stderr: []string{interrupted}},
	{name: "interrupted at rest", target: sleeper, status: 130, end: reports.Interrupted,
		upset:  func(t *testing.T, u *upset) { u.scrape(1, atAnyTime, func() { u.interrupt(t) }) },
		stdout: []string{"INCONCLUSIVE fixture: interrupted"}, stderr: []string{interrupted}},
	{name: "interrupted at the baseline", target: sleeper, status: 130, end: reports.Interrupted,
		upset:  func(t *testing.T, u *upset) { u.scrape(3, atAnyTime, func() { u.interrupt(t) }) },
		stdout: []string{"INCONCLUSIVE fixture: interrupted"}, stderr: []string{interrupted}},
	{name: "interrupted in the warm-up", target: sleeper, status: 130, end: reports.Interrupted,
		upset:  func(t *testing.T, u *upset) { u.served = func() { u.once.Do(func() { u.interrupt(t) }) } },
		stdout: []string{"fixture: interrupted", `✓ requests{status="200"}`}, stderr: []string{interrupted}},
	{name: "interrupted under load", target: sleeper, status: 130, end: reports.Interrupted,
		upset:  func(t *testing.T, u *upset) { u.scrape(1, u.after(endOfWarmup), func() { u.interrupt(t) }) },
		stdout: []string{"fixture: interrupted", `✓ requests{status="200"}`, "✓ depth"}, stderr: []string{interrupted}},
	{name: "hung up under load", target: sleeper, status: 130, end: reports.Interrupted,
		upset: func(t *testing.T, u *upset) {
			u.scrape(1, u.after(endOfWarmup), func() { u.signal(t, syscall.SIGHUP, "") })
		},
		stdout: []string{"fixture: interrupted", `✓ requests{status="200"}`, "✓ depth"}, stderr: []string{interrupted}},
	{name: "hung up under nohup", target: sleeper, status: 0, end: reports.Completed,
		upset: func(t *testing.T, u *upset) {
			u.command.Args = append([]string{"sh", "-c", `trap '' HUP; exec "$@"`, "sh"}, u.command.Args...)
			u.command.Path = "/bin/sh"
			u.scrape(1, u.after(endOfWarmup), func() { u.signal(t, syscall.SIGHUP, "") })
		},
		stdout: []string{"PASS fixture"}},
	{name: "interrupted while the last hits are waited for", target: sleeper, status: 130, end: reports.Interrupted,
		upset: func(t *testing.T, u *upset) {
			release := u.block()
			u.kept(t, "scrapes/"+endOfLoad+"-target.txt", func() {
				u.interrupt(t)
				await(t, func() bool { return strings.Contains(u.said.String(), interrupted) })
				release()
			})
		}, stdout: []string{"fixture: interrupted", `✓ requests{status="200"}`}, stderr: []string{interrupted}, check: nothingAmbiguous},
	{name: "interrupted while it waits for quiet", target: sleeper, status: 130, end: reports.Interrupted,
		upset: func(t *testing.T, u *upset) {
			u.scraped = func(w http.ResponseWriter, r *http.Request) {
				if u.passed(endOfLoad) && !strings.Contains(u.said.String(), interrupted) {
					u.count() // something is still at work
					u.once.Do(func() { u.interrupt(t) })
				}
				u.expose(w, r)
			}
		}, stdout: []string{"fixture: interrupted", "✓ depth"}, stderr: []string{interrupted}},
	{name: "interrupted when idle", target: sleeper, status: 130, end: reports.Interrupted,
		upset:  func(t *testing.T, u *upset) { u.scrape(1, u.after("final"), func() { u.interrupt(t) }) },
		stdout: []string{"fixture: interrupted; of what was measured: ", `✓ requests{status="200"}`}, stderr: []string{interrupted}},
	{name: "interrupted while it judges", target: sleeper, yaml: slowly, status: 130, end: reports.Interrupted,
		upset:  func(t *testing.T, u *upset) { u.kept(t, "evidence.json", func() { u.interrupt(t) }) },
		stdout: []string{"fixture: interrupted; of what was measured: ", `✓ requests{status="200"}`, "✓ slow"}, stderr: []string{interrupted}},

	{name: "interrupted twice while the last hits are waited for", target: sleeper, yaml: "timeout: 1h\n", status: 130, end: reports.Interrupted,
		upset: func(t *testing.T, u *upset) {
			t.Cleanup(u.block())
			u.kept(t, "scrapes/"+endOfLoad+"-target.txt", func() {
				u.interrupt(t)
				u.signal(t, syscall.SIGINT, interrupted)
			})
		}, stdout: []string{"fixture: interrupted", "ambiguous"}, stderr: []string{interrupted, "cutting off what is in flight"}, check: bothCut},
	{name: "interrupted twice while a target that does not listen is stopped", target: "trap '' TERM; " + sleeper + " & while :; do sleep 1; done",
		status: 130, end: reports.Interrupted,
		upset: func(t *testing.T, u *upset) {
			u.kept(t, "scrapes/idle-target.txt", func() {
				u.interrupt(t)
				u.signal(t, syscall.SIGTERM, interrupted)
			})
		}, stdout: []string{"fixture: interrupted; of what was measured: "}, stderr: []string{"cutting off"}, check: notWaitedFor},
	{name: "interrupted twice while it judges", target: sleeper, yaml: slowly, status: 130, end: reports.Interrupted,
		upset: func(t *testing.T, u *upset) {
			u.kept(t, "evidence.json", func() {
				u.interrupt(t)
				u.signal(t, syscall.SIGINT, interrupted)
			})
		}, stdout: []string{"the judging was cut", "brrtload verify"}, stderr: []string{"cutting off"}, check: judgedByVerify},
	{name: "killed", target: sleeper, status: -1,
		upset: func(t *testing.T, u *upset) {
			u.scrape(1, u.after(endOfWarmup), func() { u.signal(t, syscall.SIGKILL, "") })
		}},

	{name: "a target that never gets ready", status: 5, end: reports.Unreachable,
		upset: func(_ *testing.T, u *upset) {
			u.ready = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
		}, stdout: []string{"ERROR fixture: target http", "did not answer", "answered 503 Service Unavailable"}},
	{name: "a target that ends before it is ready", target: "echo no configuration; exit 3", status: 5, end: reports.Unreachable,
		upset: func(_ *testing.T, u *upset) {
			u.ready = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
		}, stdout: []string{"ended with status 3 before it could answer", "it said last: no configuration"}},
	{name: "a target that dies at rest", target: mortal, status: 5, end: reports.TargetDied,
		upset:  func(t *testing.T, u *upset) { u.scrape(2, atAnyTime, func() { u.die(t) }) },
		stdout: []string{"ended with status 7 before it was loaded", "it said last: out of memory, says the target"}},
	{name: "a target that dies under load", target: mortal, status: 5, end: reports.TargetDied,
		upset:  func(t *testing.T, u *upset) { u.scrape(1, u.after(endOfWarmup), func() { u.die(t) }) },
		stdout: []string{"ended with status 7 while it was under load", "out of memory, says the target", "GET / none 200 answered"}},
	{name: "a target that dies after the load", target: mortal, status: 5, end: reports.TargetDied,
		upset:  func(t *testing.T, u *upset) { u.scrape(1, u.after(endOfLoad), func() { u.die(t) }) },
		stdout: []string{"ended with status 7 after the load", "✓ depth"}},
	{name: "a target that does not end when asked", target: "trap '' TERM; " + sleeper + " & while :; do sleep 1; done", status: 0, end: reports.Completed,
		stdout: []string{"PASS fixture", "target did not end within 10s of SIGTERM and was killed"}},

	{name: "a target that leaves a daemon behind", target: "setsid sleep 3600 & exec sleep 3600", status: 0, end: reports.Completed,
		stdout: []string{"PASS fixture", "the target left process ", "(sleep) running; brrtload ended what was left"}},

	{name: "a full disk under load", target: sleeper, status: 70,
		upset:  func(t *testing.T, u *upset) { u.scrape(1, u.after(endOfWarmup), func() { u.fill(t) }) },
		stdout: []string{"ERROR fixture: the evidence could not be saved", "exit status 70", `✓ requests{status="200"}`, "✓ depth", "keep scrape final", "the evidence could not be saved"},
		stderr: []string{"brrtload: the run directory is not whole", "file too large"}},
	{name: "a full disk when all is saved", target: sleeper, status: 70,
		upset:  func(t *testing.T, u *upset) { u.scrape(1, u.after("final"), func() { u.fill(t) }) },
		stdout: []string{"ERROR fixture: the evidence could not be saved", "exit status 70", `✓ requests{status="200"}`, "✓ depth", "the evidence could not be saved"},
		stderr: []string{"brrtload: the run directory is not whole", "file too large"}},
}

// block makes hits hang once the load is nearly over, until what it gives is called.
func (u *upset) block() (release func()) {
	open := make(chan struct{})
	u.served = func() {
		if u.into() > loadTime-300*time.Millisecond {
			<-open
		}
	}
	return sync.OnceFunc(func() { close(open) })
}

// fill keeps brrtload from writing any file, as a full disk does: this works for everybody, and
// needs no disk.
func (u *upset) fill(t *testing.T) {
	if err := unix.Prlimit(u.command.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{}, nil); err != nil {
		t.Errorf("%v", err)
	}
}

func ambiguous(r reports.Report) (hits uint64) {
	for _, entry := range r.Ledger {
		if entry.Outcome == "ambiguous" {
			hits += entry.Hits
		}
	}
	return hits
}

func nothingAmbiguous(t *testing.T, r reports.Report) { require.Zero(t, ambiguous(r)) }
func bothCut(t *testing.T, r reports.Report) {
	require.Equal(t, uint64(2), ambiguous(r), "two connections, each with a hit")
}
func notWaitedFor(t *testing.T, r reports.Report) {
	require.NotContains(t, strings.Join(r.Notes, "\n"), "did not end within")
}

// judgedByVerify wants verify to make up for a judging that was cut.
func judgedByVerify(t *testing.T, r reports.Report) {
	require.Empty(t, r.Checks)
	_, again, err := judgedAgain(r.Directory)
	require.NoError(t, err)
	judged := verdicts(again)
	for _, id := range []string{"delivery", "requests", "depth", "slow"} {
		require.Contains(t, judged, id)
	}
	require.Contains(t, again.Reason, "interrupted; of what was measured: ")
	require.Equal(t, 130, again.Status)
}

// TestEnds brings runs to an end in every phase and in every way: the right status and message,
// what was measured is kept, no process is left.
func TestEnds(t *testing.T) {
	tier.Long(t)
	possible := endings
	if signal.Ignored(syscall.SIGHUP) { // as under nohup: what the test starts ignores it too
		possible = slices.DeleteFunc(slices.Clone(endings), func(e ending) bool { return e.name == "hung up under load" })
	}
	bringToEnd(t, possible, atOnce)
}

// bringToEnd carries runs out, this many at once, and holds each to what it must come to.
func bringToEnd(t *testing.T, endings []ending, atOnce int) {
	room := make(chan struct{}, atOnce)
	outcomes := make([]outcome, len(endings))
	upsets := make([]*upset, len(endings))
	var running sync.WaitGroup
	for i, e := range endings {
		u := &upset{fixture: service(t), said: new(shared)}
		upsets[i] = u
		address := u.URL
		if e.at != nil {
			address = e.at(t, u)
		}
		yaml := fmt.Sprintf("target: {url: '%s', ready: /ready%s%s}\n", address, started(e.target), e.keys) + cmp.Or(e.whole, scenario) + e.yaml
		var o *outcome
		u.command, o = u.prepare(t, yaml)
		u.command.Stderr = u.said
		u.command.Env = append(os.Environ(), "RUN="+u.run)
		if e.shell != "" {
			u.command.Args = append([]string{"bash", "-c", e.shell, "bash", u.command.Path}, u.command.Args[1:]...)
			u.command.Path = "/bin/bash"
		}
		if e.upset != nil {
			e.upset(t, u)
		}
		running.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			if err := u.command.Start(); err != nil {
				t.Error(err)
				return
			}
			o.wait(t, u.command)
			outcomes[i] = *o
		})
	}
	running.Wait()
	for i, e := range endings {
		t.Run(e.name, func(t *testing.T) { e.require(t, upsets[i], outcomes[i]) })
	}
}

// requireNoPass wants a pass of a run that was interrupted nowhere: whoever reads one of the
// reports alone must not take it for a good one.
func requireNoPass(t *testing.T, r reports.Report, shown string) {
	t.Helper()
	require.NotEqual(t, assertions.Pass, r.Verdict)
	verdict := strings.ToUpper(r.Verdict.String())
	require.Equal(t, reports.StatusInterrupted, r.Status)
	require.True(t, strings.HasPrefix(shown, verdict+" fixture: interrupted"), shown)
	require.NotContains(t, r.Reason, "pass")
	markdown, err := os.ReadFile(filepath.Join(r.Directory, "report.md"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(markdown), "**"+verdict+"** fixture: interrupted"), string(markdown))
	junit, err := os.ReadFile(filepath.Join(r.Directory, "junit.xml"))
	require.NoError(t, err)
	require.Regexp(t, `<testcase name="run"[^>]*>\s*<error message="interrupted`, string(junit))
}

// requireCutOff wants to be told of the directory of a run that was killed what it is.
func requireCutOff(t *testing.T, run string) {
	t.Helper()
	for _, command := range []string{"verify", "report"} {
		status, _, said := carriedOut(command, run)
		require.Equal(t, reports.StatusInconclusive, status)
		require.Contains(t, said, "still under way or was cut off")
		require.Regexp(t, `what is left is .*scrapes/, .*target.log`, said)
	}
}

// started writes a target's script as part of a scenario.
func started(script string) string {
	if script == "" {
		return ""
	}
	return fmt.Sprintf(", listener: any, command: [sh, -c, %s]", strconv.Quote(script))
}

func (e ending) require(t *testing.T, u *upset, o outcome) {
	require.Equal(t, e.status, o.status, o.stdout+o.stderr)
	for _, words := range e.stdout {
		require.Contains(t, unwrapped(o.stdout), words)
	}
	for _, words := range e.stderr {
		require.Contains(t, unwrapped(o.stderr), words)
	}
	for _, words := range e.either {
		require.Contains(t, unwrapped(o.stdout+o.stderr), words)
	}
	await(t, func() bool { return len(leftBy(t, u.run)) == 0 })
	if e.status < 0 {
		requireCutOff(t, u.run)
	}
	if e.end == "" {
		return
	}
	report, err := reports.Read(u.run)
	require.NoError(t, err)
	require.Equal(t, e.end, report.End)
	if e.end == reports.Interrupted {
		requireNoPass(t, report, o.stdout)
	}
	if e.check != nil {
		e.check(t, report)
	}
	if len(report.Checks) > 0 || e.end == reports.Unreachable {
		requireSameVerdicts(t, u.run)
	}
}

// shared is a buffer that is read while it is written.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await waits until something holds, and fails when it does not in a minute. It may be called
// outside the test's own goroutine.
func await(t *testing.T, holds func() bool) {
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Error("it did not come to hold")
			return
		}
	}
}

// leftBy returns the command lines of the processes that were started for a run and live.
func leftBy(t *testing.T, run string) (lines []string) {
	all, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(t, err)
	for _, file := range all {
		environ, err := os.ReadFile(file) // nobody else's, nor a zombie's
		if err == nil && bytes.Contains(environ, []byte("RUN="+run+"\x00")) {
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
			lines = append(lines, string(line))
		}
	}
	return lines
}
