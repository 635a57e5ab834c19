package main

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/tier"
	"brrtload/reports"
)

// The commands of the documentation are carried out, each page in a directory and a shell of its
// own, from top to bottom:
//
//   - a block that begins with a comment like "# gate.yaml" or "// main.go" is a file, written where the shell stands;
//   - in a console block, what follows "$ " is a command, and the lines below it are among its output, in that order: numbers may
//     differ, units and the space between words too, and a line "…" stands for any others. What is counted, checks or lines, is the same;
//   - every line of an sh block is a command, which must end with the status of its comment's "exit 3", or one of "exit 0 or 4", or else with 0.
func TestTutorial(t *testing.T) {
	for _, name := range []string{"prometheus", "curl"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; the tutorial loads Prometheus, and asks it with curl", name)
		}
	}
	follow(t, "../../docs/tutorial.md")
}

// Whether the machine could tell is one thing; what was compared, and that its telemetry arrived,
// is the same on every machine.
func TestOverheadPage(t *testing.T) {
	tier.Long(t)
	dir := follow(t, "../../docs/overhead.md")
	kept, err := filepath.Glob(filepath.Join(dir, "runs", "*", reports.ResultFile))
	require.NoError(t, err)
	require.Len(t, kept, 1, "the experiment by a file")
	for _, run := range []string{filepath.Join(dir, "run"), filepath.Dir(kept[0])} {
		r, err := reports.Read(run)
		require.NoError(t, err)
		require.Equal(t, []string{"hello_requests_total: as many as hits", "lines of its log with answered: as many as hits"}, r.Overhead.Delivered)
		require.Contains(t, r.Overhead.Candidate, "counted")
		_, again, err := judgedAgain(run)
		require.NoError(t, err)
		require.Equal(t, r.Reason, again.Reason)
	}
}

// What the page says of the bundled service's metrics is what its kept experiment found, and its
// blocks still say so.
func TestOverheadPageQuotesAnExperiment(t *testing.T) {
	const kept = "../../docs/evidence/overhead-metrics"
	requireSameVerdicts(t, kept)
	_, again, err := judgedAgain(kept)
	require.NoError(t, err)
	page, err := os.ReadFile("../../docs/overhead.md")
	require.NoError(t, err)
	cpu := again.Overhead.Effects[0]
	µs := func(seconds float64) string { return fmt.Sprintf("%.2f", seconds*1e6) }
	quoted := []string{
		fmt.Sprintf("%s µs of CPU time, %.2f %% [%.2f, %.2f], at %.0f hits a second", µs(cpu.Difference.Value),
			100*cpu.Share.Value, 100*cpu.Share.Low, 100*cpu.Share.High, again.Overhead.Rate),
		fmt.Sprintf("for each of %d starts", cpu.Blocks),
	}
	for _, part := range again.Overhead.Parts {
		switch part.Kind {
		case "machinery":
			quoted = append(quoted, fmt.Sprintf("every group switched off costs %s µs", µs(part.Value)))
		case "interaction": // all that the groups do, none of which was switched off by itself
			quoted = append(quoted, fmt.Sprintf("the other %s µs [%s, %s], %.2f %% of", µs(part.Value), µs(part.Low), µs(part.High), 100*part.Value/cpu.Base))
		}
	}
	require.Len(t, quoted, 4)
	for _, words := range quoted {
		require.Contains(t, strings.Join(strings.Fields(string(page)), " "), words)
	}
}

func TestContractPage(t *testing.T) {
	tier.Long(t)
	follow(t, "../../docs/assertions/contract.md")
}

func TestReadme(t *testing.T) { follow(t, "../../README.md") }

var (
	block    = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	fileName = regexp.MustCompile(`^(?:#|//) ([\w./-]+\.\w+)\n`)
	figure   = regexp.MustCompile(`\d[\d,.]*( (ns|µs|ms|s|min|h|B|KiB|MiB|GiB|%|bytes|checks held|not applicable))?`)
	claimed  = regexp.MustCompile(`exit (\d+)(?: or (\d+))?`)
	tightest = regexp.MustCompile(`the tightest is \S+ with`)
	painting = regexp.MustCompile("\x1b\\[[0-9;]*m")
)

// follow returns the directory in which the page was carried out.
func follow(t *testing.T, page string) (dir string) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	sh := newShell(t)
	commands := 0
	for _, b := range block.FindAllStringSubmatch(string(text), -1) {
		language, body := b[1], b[2]
		name := fileName.FindStringSubmatch(body)
		switch {
		case name != nil && language != "sh":
			path := filepath.Join(strings.TrimSpace(sh.run("pwd")), name[1])
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, []byte(body), 0o644))
		case language == "sh":
			for line := range strings.Lines(body) {
				command, comment, _ := strings.Cut(strings.TrimSpace(line), "   #")
				sh.expect(command, nil)
				want := []string{"0"}
				if claim := claimed.FindStringSubmatch(comment); claim != nil {
					want = claim[1:]
				}
				if got := strings.TrimSpace(sh.run("echo $?")); !slices.Contains(want, got) {
					sh.undecided()
					t.Fatalf("%s: exit status %s, want %v", command, got, want)
				}
				commands++
			}
		case language == "console":
			for _, step := range strings.Split("\n"+body, "\n$ ")[1:] {
				lines := strings.Split(strings.TrimSpace(step), "\n")
				sh.expect(lines[0], lines[1:])
				commands++
			}
		}
	}
	require.NotZero(t, commands, "%s has no commands", page)
	return sh.dir
}

// shell is a bash that stays for a whole page, so that a directory, a variable and an exit status
// last from one command to the next.
type shell struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
	dir string // where it began
}

// mark ends the output of a command; its exit status follows.
const mark = "\x1e"

func newShell(t *testing.T) *shell {
	command := exec.Command("bash", "--noprofile", "--norc")
	command.Dir = t.TempDir()
	// The page is for a person at a terminal, not for the CI system that the test may run in.
	command.Env = append(os.Environ(), "PATH="+bin()+string(os.PathListSeparator)+os.Getenv("PATH"), "GITHUB_ACTIONS=", "GITLAB_CI=", "NO_COLOR=1")
	require.NoError(t, os.Symlink(bin(), filepath.Join(command.Dir, "bin")))
	in, err := command.StdinPipe()
	require.NoError(t, err)
	read, write, err := os.Pipe()
	require.NoError(t, err)
	command.Stdout, command.Stderr = write, write
	require.NoError(t, command.Start())
	require.NoError(t, write.Close())
	t.Cleanup(func() {
		in.Close()
		read.Close()
		if err := command.Wait(); err != nil {
			t.Logf("the page's shell ended with %v", err) // the status of its last command
		}
	})
	return &shell{t, in, bufio.NewReader(read), command.Dir}
}

// run carries a command out and gives its output. The exit status stays what it was for the next
// command's "$?".
func (s *shell) run(command string) string {
	s.t.Helper()
	_, err := fmt.Fprintf(s.in, "%s\n{ status=$?; printf '%s\\n'; (exit $status); } 2>/dev/null\n", command, mark)
	require.NoError(s.t, err)
	out, err := s.out.ReadString(mark[0])
	require.NoError(s.t, err, "%s: %s", command, out)
	_, err = s.out.ReadString('\n')
	require.NoError(s.t, err)
	return painting.ReplaceAllString(strings.TrimSuffix(out, mark), "")
}

// expect carries a command out and wants the lines among its output, in that order. What a test
// cannot do, such as to run itself, is looked at instead.
func (s *shell) expect(command string, lines []string) {
	s.t.Helper()
	switch words := strings.Fields(command); {
	case len(words) == 0 || words[0] == "#":
		return
	case words[0] == "make":
		plan := exec.Command("make", append([]string{"-n"}, words[1:]...)...)
		plan.Dir = "../.."
		out, err := plan.CombinedOutput()
		require.NoError(s.t, err, "%s", out)
		s.run("true")
		return
	case words[0] == "sudo" || words[0] == "apt-get":
		s.installed(words)
		s.run("true")
		return
	}
	out := s.run(command)
	rest := strings.Split(out, "\n")
	for _, want := range lines {
		if want == "…" || want == "" {
			continue
		}
		at := -1
		for i, got := range rest {
			if alike(command, got) == alike(command, want) {
				at = i
				break
			}
		}
		if at < 0 {
			s.undecided()
			s.t.Fatalf("$ %s\ndoes not say (any more, at that place)\n\t%s\nbut\n%s", command, want, out)
		}
		rest = rest[at+1:]
	}
}

// undecided skips the page when its newest run could not be judged, because the machine had no CPU
// to spare.
func (s *shell) undecided() {
	s.t.Helper()
	var newest string
	var at time.Time
	err := filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != reports.ResultFile {
			return err
		}
		if info, err := entry.Info(); err == nil && info.ModTime().After(at) {
			newest, at = filepath.Dir(path), info.ModTime()
		}
		return nil
	})
	require.NoError(s.t, err)
	if newest == "" {
		return
	}
	r, err := reports.Read(newest)
	if err != nil {
		return
	}
	// a load that was sent too late is another load: queues and goroutines are others', too
	late := slices.ContainsFunc(r.Checks, func(c assertions.Check) bool {
		return c.ID == "delivery" && c.Verdict == assertions.Inconclusive
	})
	if short := shortage(r); short != "" && (late || r.Verdict == assertions.Inconclusive) {
		s.t.Skipf("the page's run could not be judged here (%s): %s", short, r.Reason)
	}
}

// alike leaves of a line what must be the same in every run. An exit status is the same, and so are
// the numbers of checks and of lines; which of the budgets that held was the tightest is not.
func alike(command, line string) string {
	if command == "echo $?" || strings.HasPrefix(command, "grep -c ") {
		return line
	}
	same := figure.ReplaceAllStringFunc(line, func(found string) string {
		if strings.HasSuffix(found, " checks held") || strings.HasSuffix(found, " not applicable") {
			return found
		}
		return "0"
	})
	same = tightest.ReplaceAllString(same, "the tightest is X with")
	return strings.Join(strings.Fields(same), " ")
}

// installed wants every package that a page installs to be among those that the gate installs, so
// that its commands are there.
func (s *shell) installed(words []string) {
	s.t.Helper()
	gate, err := os.ReadFile("../../.ci/run")
	require.NoError(s.t, err)
	for _, word := range words {
		if strings.HasPrefix(word, "-") || word == "sudo" || word == "apt-get" || word == "install" {
			continue
		}
		require.Regexp(s.t, `(?m)^\S+ `+regexp.QuoteMeta(word)+`$`, string(gate))
	}
}
