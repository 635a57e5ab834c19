package memory

import (
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Wrap returns the command under the tool, which writes its files into the directory dir; the
// directory is made. The process that it starts is the command's own: its id, its signals and its
// exit status are. The error says what to install, or why the tool would see nothing of the program.
//
// A process that ends by itself, SIGTERM included if it has a handler, leaves whole files. One that a
// signal kills leaves what heaptrack had written until then, all of what valgrind saw, and with
// SIGKILL nothing of what valgrind saw.
func (t Tool) Wrap(command []string, dir string) ([]string, error) {
	if len(command) == 0 {
		return nil, errors.New("no command to trace; give target.command")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	var wrapped []string
	switch t {
	case Heaptrack:
		wrapped, err = heaptrackCommand(dir)
	case DHAT:
		wrapped, err = valgrindCommand("--tool=dhat", "--dhat-out-file="+escaped(dir)+"/dhat.%p")
	case Massif:
		wrapped, err = valgrindCommand("--tool=massif", "--massif-out-file="+escaped(dir)+"/massif.%p", "--time-unit=ms",
			"--detailed-freq=1", "--max-snapshots=200", "--peak-inaccuracy=0", "--depth=40", "--threshold=0.1")
	case Pprof:
		return nil, errors.New("pprof reads profiles from the running service over HTTP, and wraps no command")
	default:
		return nil, fmt.Errorf("unknown memory tool %q; want one of %v", t, Tools())
	}
	if err != nil {
		return nil, err
	}
	if err := t.traceable(command[0]); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return append(wrapped, command...), nil
}

// valgrindCommand is valgrind with options. It follows processes that the program starts, and writes
// a file for each.
func valgrindCommand(options ...string) ([]string, error) {
	path, err := exec.LookPath("valgrind")
	if err != nil {
		return nil, fmt.Errorf("valgrind is not installed: %w; run `apt-get install valgrind`", err)
	}
	common := []string{path, "--quiet", "--trace-children=yes", "--fullpath-after=", "--num-callers=40"}
	return append(append(common, options...), "--"), nil
}

// escaped is a path in the name of a file of valgrind's, in which % has a meaning.
func escaped(path string) string { return strings.ReplaceAll(path, "%", "%%") }

// heaptrackCommand sets what heaptrack's own script sets, but without the script: it stands between
// the program and its signals, and its compressor dies of a signal to the group.
func heaptrackCommand(dir string) ([]string, error) {
	home, err := heaptrackHome()
	if err != nil {
		return nil, err
	}
	env, err := exec.LookPath("env")
	if err != nil {
		return nil, fmt.Errorf("env is not installed: %w; run `apt-get install coreutils`", err)
	}
	if strings.Contains(dir, "$$") {
		return nil, fmt.Errorf("directory %s: heaptrack replaces $$ in it; choose another", dir)
	}
	preload := home.preload
	if also := os.Getenv("LD_PRELOAD"); also != "" {
		preload += ":" + also
	}
	return []string{env, "LD_PRELOAD=" + preload, "DUMP_HEAPTRACK_OUTPUT=" + dir + "/heaptrack.$$.raw"}, nil
}

// heaptrackFiles are the parts of an installed heaptrack.
type heaptrackFiles struct{ preload, interpret string }

// heaptrackHome finds them from heaptrack's script, which says where they are beside itself.
func heaptrackHome() (heaptrackFiles, error) {
	var none heaptrackFiles
	path, err := exec.LookPath("heaptrack")
	if err != nil {
		return none, fmt.Errorf("heaptrack is not installed: %w; run `apt-get install heaptrack`", err)
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return none, err
	}
	script, err := readSome(path, 1<<20)
	if err != nil {
		return none, err
	}
	beside := filepath.Dir(path)
	libraries := []string{"../lib/heaptrack", "../lib64/heaptrack"}
	programs := []string{"../lib/heaptrack/libexec", "../lib64/heaptrack/libexec", "../libexec/heaptrack", "../libexec"}
	if found := libraryPath.FindSubmatch(script); found != nil {
		libraries = slices.Insert(libraries, 0, string(found[1]))
	}
	if found := programPath.FindSubmatch(script); found != nil {
		programs = slices.Insert(programs, 0, string(found[1]))
	}
	home := heaptrackFiles{
		preload:   first(beside, libraries, "libheaptrack_preload.so"),
		interpret: first(beside, programs, "heaptrack_interpret"),
	}
	if home.preload == "" || home.interpret == "" {
		return none, fmt.Errorf("%s: libheaptrack_preload.so or heaptrack_interpret is missing beside it; "+
			"run `apt-get install --reinstall heaptrack libheaptrack`", path)
	}
	return home, nil
}

var (
	libraryPath = regexp.MustCompile(`(?m)^LIB_REL_PATH="([^"$]+)"`)
	programPath = regexp.MustCompile(`(?m)^LIBEXEC_REL_PATH="([^"$]+)"`)
)

// first returns the first of the directories, relative to one, that has a file; empty if none has.
func first(beside string, directories []string, name string) string {
	for _, d := range directories {
		path := filepath.Join(beside, d, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

// traceable returns why a tool would see nothing of a program. One that is not found from here is not
// looked at.
func (t Tool) traceable(program string) error {
	path, err := exec.LookPath(program)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.Contains(program, "/") && !filepath.IsAbs(program):
		return nil // it may be relative to another directory; whoever starts it sees
	case err != nil:
		return fmt.Errorf("trace %s: %w; correct target.command", program, err)
	}
	if info, err := buildinfo.ReadFile(path); err == nil {
		return fmt.Errorf("%s is a Go program (%s): %s sees malloc, which Go does not use; use pprof",
			program, info.GoVersion, t)
	}
	if interpreter := shebang(path); interpreter != "" {
		path = interpreter
	}
	if t == Heaptrack && shells[filepath.Base(path)] {
		return fmt.Errorf("%s runs in a shell, and heaptrack does not follow what a shell starts; "+
			"give the service's own program as target.command, or use dhat", program)
	}
	if static(path) {
		return fmt.Errorf("%s is linked statically, and %s replaces malloc when libraries are loaded; link it dynamically",
			program, t)
	}
	if t == Heaptrack && definesMalloc(path) {
		return fmt.Errorf("%s defines malloc itself, which heaptrack cannot replace; use dhat", program)
	}
	return nil
}

var shells = map[string]bool{
	"sh": true, "bash": true, "dash": true, "ksh": true, "zsh": true, "fish": true, "busybox": true,
}

// shebang returns the program that a script is for, and nothing for other files.
func shebang(path string) string {
	text, err := readSome(path, 256)
	if err != nil {
		return ""
	}
	line, is := strings.CutPrefix(string(text), "#!")
	if !is {
		return ""
	}
	line, _, _ = strings.Cut(line, "\n")
	words := strings.Fields(line)
	if len(words) > 0 && filepath.Base(words[0]) == "env" {
		words = slices.DeleteFunc(words[1:], func(w string) bool {
			return strings.HasPrefix(w, "-") || strings.Contains(w, "=")
		})
	}
	if len(words) == 0 {
		return ""
	}
	if found, err := exec.LookPath(words[0]); err == nil {
		return found
	}
	return words[0]
}

// static reports whether a program loads no libraries: it names no dynamic linker.
func static(path string) bool {
	file, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer file.Close() //nolint:errcheck // it was only read
	return !slices.ContainsFunc(file.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
}

// definesMalloc reports whether a program brings an allocator that libraries use, too: one that comes
// before any that is preloaded.
func definesMalloc(path string) bool {
	file, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer file.Close() //nolint:errcheck // it was only read
	symbols, err := file.DynamicSymbols()
	return err == nil && slices.ContainsFunc(symbols, func(s elf.Symbol) bool {
		return s.Name == "malloc" && s.Section != elf.SHN_UNDEF
	})
}

// readSome reads the beginning of a file.
func readSome(path string, size int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	return io.ReadAll(io.LimitReader(file, size))
}
