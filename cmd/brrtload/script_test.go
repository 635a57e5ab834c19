package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	vegeta "github.com/tsenart/vegeta/v12/lib"
	"golang.org/x/sys/unix"

	"brrtload/internal/tier"
	"brrtload/reports"
)

// programs are what the scripts run: built here, so that they are never older than the code.
var programs = []struct {
	name, pkg string
	args      []string
}{
	{"brrtload", "brrtload/cmd/brrtload", nil},
	{"targetsvc", "brrtload/targetsvc", nil},
	{"targetsvc-bare", "brrtload/targetsvc", []string{"-tags", "notelemetry"}},
}

var (
	here, _     = os.Getwd()
	environment = os.Environ()
	bin         = sync.OnceValue(build) // where they are
	built       string                  // what is to be removed in the end
	goCache     string                  // where Go keeps what it has compiled, for scripts that build programs: they have no home
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		cache, err := exec.Command("go", "env", "GOCACHE").Output()
		if err != nil {
			fmt.Fprintln(os.Stderr, "go env GOCACHE:", err)
			return 1
		}
		goCache = strings.TrimSpace(string(cache))
		defer func() { _ = os.RemoveAll(built) }()
		return m.Run()
	}())
}

// program is the path of one of the programs.
func program(name string) string { return filepath.Join(bin(), name) }

// build makes the programs, for the first test that runs one. `go test` does not know what the go
// command reads; it does know of the files that are looked at here, and repeats no result from
// before one of them changed.
func build() string {
	err := filepath.WalkDir(filepath.Join(here, "../../targetsvc"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			_, err = os.Stat(path)
		}
		return err
	})
	if err == nil {
		built, err = os.MkdirTemp("", "brrtload")
	}
	if err == nil {
		err = os.Chmod(built, 0o755) // another user runs them, too
	}
	for _, p := range programs {
		if err == nil {
			command := exec.Command("go", append(append([]string{"build", "-o", filepath.Join(built, p.name)}, p.args...), p.pkg)...)
			command.Dir, command.Env = here, environment // whatever the test has changed
			var out []byte
			if out, err = command.CombinedOutput(); err != nil {
				err = fmt.Errorf("%v: %w\n%s", command.Args, err, out)
			}
		}
	}
	if err != nil {
		panic(err)
	}
	return built
}

// A script of `make test-long` measures: what comes of it depends on the machine. All others are in
// `make test`, too.
func measures(name string) bool {
	return name == "overload" || strings.HasPrefix(name, "scenario-") || strings.HasPrefix(name, "overhead") && name != "overhead-mistakes"
}

// soaking is the script that takes two minutes, and a few hundredths of a core.
const soaking = "soak"

// named lists the scripts in testdata for which want holds.
func named(t *testing.T, want func(string) bool) (names []string) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if name != soaking && want(name) {
			names = append(names, name)
		}
	}
	require.NotEmpty(t, names)
	return names
}

// The scripts in testdata show what brrtload does, on the built programs.
func TestScripts(t *testing.T) {
	t.Parallel()
	for _, name := range named(t, func(name string) bool { return !measures(name) }) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer together.turn()()
			scripts(t, name)
		})
	}
}

// These have nothing beside them.
func TestLongScripts(t *testing.T) {
	tier.Long(t)
	scripts(t, named(t, measures)...)
}

func TestSoakScript(t *testing.T) {
	tier.Long(t)
	t.Parallel()
	scripts(t, soaking)
}

func scripts(t *testing.T, names ...string) {
	var files []string
	for _, name := range names {
		files = append(files, "testdata/"+name+".txtar")
	}
	testscript.RunT(serial{t}, testscript.Params{
		Files: files, RequireExplicitExec: true, RequireUniqueNames: true, ContinueOnError: false,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", bin()+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("BIN", bin())
			env.Setenv("GOCACHE", goCache)
			env.Setenv("PORT", freePort(t))
			env.Defer(func() { verifyAll(t, env.WorkDir) })
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status":      exitStatus,
			"field":       field,
			"counted":     counted,
			"truthful":    truthful,
			"measured":    measured,
			"judged":      judged,
			"again":       again,
			"kill-target": killTarget,
			"no-target":   noTarget,
			"no-process":  noProcess,
			"fill":        fillDisk,
			"announced":   announced,
			"wait-for":    waitFor,
			"freeze":      freeze,
			"busy":        busy,
			"recorded":    recorded,
		},
	})
}

// freePort returns a port at which nothing listens, below those that the kernel takes for
// connections.
func freePort(t *testing.T) string {
	for range 100 {
		port := strconv.Itoa(10_000 + rand.IntN(20_000))
		if listener, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			require.NoError(t, listener.Close())
			return port
		}
	}
	t.Fatal("of 100 ports, something listens at each")
	return ""
}

// verifyAll judges every run that a script has kept again: offline, from its directory, it must
// come to the same.
func verifyAll(t *testing.T, work string) {
	err := filepath.WalkDir(work, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != reports.ResultFile {
			return err
		}
		dir := filepath.Dir(path)
		said, err := reports.Read(dir)
		if err != nil || said.Command != "run" || len(said.Checks) == 0 { // nothing was judged
			return err
		}
		if _, again, err := judgedAgain(dir); err != nil {
			t.Errorf("verify %s: %v", dir, err)
		} else {
			assert.Equal(t, verdicts(said), verdicts(again), "verify %s", dir)
			assert.Equal(t, said.Status, again.Status, "verify %s", dir)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// serial runs scripts one after the other, where testscript would run them side by side.
type serial struct{ *testing.T }

func (serial) Parallel()     {}
func (serial) Verbose() bool { return testing.Verbose() }
func (s serial) Run(name string, f func(testscript.T)) {
	s.T.Run(name, func(t *testing.T) { f(serial{t}) })
}

// targets returns the processes whose command line names a run directory.
func targets(ts *testscript.TestScript, dir string) []int {
	path := []byte(ts.MkAbs(dir))
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	ts.Check(err)
	var pids []int
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && bytes.HasPrefix(line, []byte(program("targetsvc"))) && bytes.Contains(line, path) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			ts.Check(err)
			pids = append(pids, pid)
		}
	}
	return pids
}

// killTarget: kill-target RUN kills the bundled service of the run in that directory.
func killTarget(ts *testscript.TestScript, neg bool, args []string) {
	pids := targets(ts, args[0])
	if neg || len(pids) != 1 {
		ts.Fatalf("the run in %s has %d targets, want 1", args[0], len(pids))
	}
	ts.Check(syscall.Kill(pids[0], syscall.SIGKILL))
}

// noTarget: no-target RUN checks that no process of the run is left.
func noTarget(ts *testscript.TestScript, neg bool, args []string) {
	if pids := targets(ts, args[0]); neg || len(pids) > 0 {
		ts.Fatalf("left behind: %v", pids)
	}
}

// noProcess: no-process checks that nothing runs any more that was started where the script is.
func noProcess(ts *testscript.TestScript, neg bool, args []string) {
	dirs, err := filepath.Glob("/proc/[0-9]*/cwd")
	ts.Check(err)
	for _, dir := range dirs {
		at, err := os.Readlink(dir)
		// a zombie has no command line
		if line, _ := os.ReadFile(filepath.Join(filepath.Dir(dir), "cmdline")); err == nil && at == ts.MkAbs(".") && len(line) > 0 {
			ts.Fatalf("left behind: %s", bytes.ReplaceAll(line, []byte{0}, []byte(" ")))
		}
	}
}

// fillDisk: fill keeps what was last started in the background from writing any file, as a full
// disk does.
func fillDisk(ts *testscript.TestScript, neg bool, args []string) {
	running := ts.BackgroundCmds()
	if neg || len(running) == 0 {
		ts.Fatalf("nothing runs in the background")
	}
	ts.Check(unix.Prlimit(running[len(running)-1].Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{}, nil))
}

// waitFor: wait-for FILE waits until a file is there.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		found, err := filepath.Glob(ts.MkAbs(args[0]))
		ts.Check(err)
		if len(found) > 0 {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%s did not come", args[0])
		}
	}
}

// freeze: freeze DURATION stops what was last started in the background for so long, as a machine
// does that has no CPU for it.
func freeze(ts *testscript.TestScript, neg bool, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	running := ts.BackgroundCmds()
	if neg || len(running) == 0 {
		ts.Fatalf("nothing runs in the background")
	}
	process := running[len(running)-1].Process
	ts.Check(process.Signal(syscall.SIGSTOP))
	time.Sleep(d)
	ts.Check(process.Signal(syscall.SIGCONT))
}

// recorded: recorded FILE RESULT checks that the results in a file, as vegeta decodes them, are
// those that the ledger of a result.json counts.
func recorded(ts *testscript.TestScript, neg bool, args []string) {
	decode := vegeta.DecoderFor(strings.NewReader(ts.ReadFile(args[0])))
	got := map[string]uint64{}
	for {
		var r vegeta.Result
		err := decode(&r)
		if errors.Is(err, io.EOF) {
			break
		}
		ts.Check(err)
		got[fmt.Sprintf("%s %d", r.Attack, r.Code)]++
	}
	var report reports.Report
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &report))
	want := map[string]uint64{}
	for _, e := range report.Ledger {
		want[fmt.Sprintf("%s %d", e.Request, e.Status)] += e.Hits
	}
	if neg || len(want) == 0 || !maps.Equal(got, want) {
		ts.Fatalf("recorded were %v, and the ledger counts %v", got, want)
	}
}

// announced: announced FILE VARIABLE waits until a service has announced itself in the file, and
// puts its address into the variable.
func announced(ts *testscript.TestScript, neg bool, args []string) {
	waitFor(ts, neg, args[:1])
	var said struct{ Listen string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &said))
	ts.Setenv(args[1], said.Listen)
}
