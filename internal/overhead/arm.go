package overhead

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"brrtload/internal/load"
	"brrtload/internal/process"
	"brrtload/internal/service"
	"brrtload/scenarios"
)

// Role is what an arm is in the experiment for.
type Role string

// The roles. The first three are in every experiment.
const (
	Baseline  Role = "baseline"  // without what is measured
	Twin      Role = "twin"      // the baseline once more: what it differs by is the noise floor
	Candidate Role = "candidate" // with it
	Variant   Role = "variant"   // the candidate with a part switched off: what it saves is the part's
	Level     Role = "level"     // another candidate, compared with the baseline by itself
)

// Arm is a service that takes part in the experiment, one process of its own.
type Arm struct {
	Name    string  `json:"name"`
	Role    Role    `json:"role"`
	Command Command `json:"command"`
	Hash    string  `json:"sha256"` // of the executable, once the experiment has begun; of one that is built, with the linker's own layout

	port int // that it listens on, once it is placed
}

// Command is how an arm is started.
type Command struct {
	Path    string   `json:"path"`
	Args    []string `json:"args,omitempty"`
	Env     []string `json:"env,omitempty"`
	Source  *Source  `json:"source,omitempty"`  // what its program is built from, for every start anew; then there is no Path
	Bundled bool     `json:"bundled,omitempty"` // takes --listen, --admin and --announce, and answers /ready
	Ready   string   `json:"ready,omitempty"`   // path or URL that answers when it is ready; empty for what the scenario says
	Metrics string   `json:"metrics,omitempty"` // path or URL that is scraped; empty when nothing is
	Proof   Proof    `json:"proof,omitzero"`
}

// What stands in a command's arguments, environment and URLs for the port it is to listen on, and
// for a second one.
const (
	portWord      = "{port}"
	adminPortWord = "{admin_port}"
)

// ParseCommand reads a command as a person types it: words between spaces, NAME=VALUE words before
// the program for its environment, quotes around words with spaces. The program listens on the port
// that {port} stands for, or that the environment variable PORT names.
func ParseCommand(text string) (Command, error) {
	words, err := split(text)
	if err != nil {
		return Command{}, fmt.Errorf("command %q: %w", text, err)
	}
	var c Command
	for len(words) > 0 && isAssignment(words[0]) {
		c.Env, words = append(c.Env, words[0]), words[1:]
	}
	if len(words) == 0 {
		return Command{}, fmt.Errorf("command %q names no program", text)
	}
	c.Path, c.Args = words[0], words[1:]
	return c, nil
}

func isAssignment(word string) bool {
	name, _, found := strings.Cut(word, "=")
	return found && name != "" && !strings.ContainsAny(name, "/-.")
}

// split cuts a text at spaces outside quotes.
func split(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote, open := rune(0), false
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, open = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if open {
				words = append(words, word.String())
				word.Reset()
				open = false
			}
		default:
			open = true
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the quote %c is not closed", quote)
	}
	if open {
		words = append(words, word.String())
	}
	return words, nil
}

// With returns the command with more words after it; NAME=VALUE words before any other go to its
// environment.
func (c Command) With(text string) (Command, error) {
	words, err := split(text)
	if err != nil {
		return c, fmt.Errorf("%q: %w", text, err)
	}
	c.Env, c.Args = slices.Clone(c.Env), slices.Clone(c.Args)
	for len(words) > 0 && isAssignment(words[0]) {
		c.Env, words = append(c.Env, words[0]), words[1:]
	}
	c.Args = append(c.Args, words...)
	return c, nil
}

// String returns the command as a person would type it.
func (c Command) String() string {
	program := c.Path
	if c.Source != nil {
		program = "(" + c.Source.String() + ")"
	}
	return strings.Join(slices.Concat(c.Env, []string{program}, c.Args), " ")
}

// same reports whether two arms are the same program, run in the same way. A difference between
// them would mean nothing.
func (a Arm) same(b Arm) bool {
	return a.Hash == b.Hash && slices.Equal(a.Command.Args, b.Command.Args) &&
		slices.Equal(a.Command.Env, b.Command.Env)
}

// identify finds the arm's executable, or builds it, and takes its hash.
func (a *Arm) identify(ctx context.Context) (err error) {
	if a.Command.Source != nil {
		a.Hash, err = a.Command.Source.built(ctx)
	} else if a.Command.Path, err = exec.LookPath(a.Command.Path); err == nil {
		a.Hash, err = hashOf(a.Command.Path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.Name, err)
	}
	return nil
}

func hashOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// program is where the arm's own executable goes, in a directory.
func (a Arm) program(dir string) string {
	name := "program"
	if a.Command.Source == nil {
		name = filepath.Base(a.Command.Path)
	}
	return filepath.Join(dir, strings.ReplaceAll(a.Name, " ", "-"), name)
}

// copied returns the arm with an executable of its own, in a directory.
//
// Processes of one executable share the pages of its code, and with them the caches: a baseline
// then finds what its twin has just used, and a candidate finds nothing. On two builds of one
// service that alone made up to seven percent, either way by how many arms there were of each.
func (a Arm) copied(dir string) (Arm, error) {
	from, err := os.Open(a.Command.Path)
	if err != nil {
		return a, fmt.Errorf("arm %s: %w", a.Name, err)
	}
	defer from.Close()
	path := a.program(dir)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return a, fmt.Errorf("arm %s: %w", a.Name, err)
	}
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return a, fmt.Errorf("arm %s: %w", a.Name, err)
	}
	// Not io.Copy between files: a file system that can would let the copy share its pages with the
	// original.
	_, err = io.Copy(struct{ io.Writer }{to}, struct{ io.Reader }{from})
	if err = errors.Join(err, to.Close()); err != nil {
		return a, fmt.Errorf("arm %s: copy its program: %w", a.Name, err)
	}
	a.Command.Path = path
	return a, nil
}

// start starts the arm with the environment that all arms share, and waits until it answers.
func (a Arm) start(ctx context.Context, dir string, shared []string, cpus []int,
	scenario *scenarios.Scenario) (*service.Service, error) {
	c := process.Command{Path: a.Command.Path, Args: a.Command.Args, Env: slices.Concat(shared, a.Command.Env),
		Log: filepath.Join(dir, a.Name+".log"), CPUs: cpus}
	var s *service.Service
	var err error
	if a.Command.Bundled {
		if s, err = service.StartBundled(ctx, c); err == nil {
			err = s.Ready(ctx, service.Readiness{Path: "/ready"})
		}
	} else {
		s, err = a.startForeign(ctx, c, scenario)
	}
	if err == nil {
		_, err = s.PID()
	}
	if err != nil {
		return s, fmt.Errorf("arm %s: %w", a.Name, err)
	}
	return s, nil
}

// served returns the process of an arm that was started: the one that serves, which [Arm.start] has
// made sure of.
func served(s *service.Service) int {
	pid, _ := s.PID()
	return pid
}

func (a Arm) startForeign(ctx context.Context, c process.Command,
	scenario *scenarios.Scenario) (*service.Service, error) {
	c.Env = append(c.Env, "PORT="+strconv.Itoa(a.port))
	s, err := service.Start(c, "http://127.0.0.1:"+strconv.Itoa(a.port))
	if err != nil {
		return s, err
	}
	hits, err := load.For(scenario, s.URL)
	if err != nil {
		return s, err
	}
	ready := service.Readiness{Path: cmp.Or(a.Command.Ready, scenario.Target.Ready), Time: scenario.Target.ReadyTimeout,
		Way: hits.Way(), Elsewhere: hits.Elsewhere()}
	// what is ready elsewhere need not listen here yet
	if err = s.Ready(ctx, ready); err == nil && !strings.HasPrefix(ready.Path, "/") {
		ready.Path = ""
		err = s.Ready(ctx, ready)
	}
	return s, err
}

// placed returns the arm with ports instead of the words that stand for them. The bundled
// service chooses its own.
func (a Arm) placed() (Arm, error) {
	if a.Command.Bundled {
		return a, nil
	}
	var err error
	if a.port, err = freePort(); err != nil {
		return a, err
	}
	admin, err := freePort()
	if err != nil {
		return a, err
	}
	replacer := strings.NewReplacer(portWord, strconv.Itoa(a.port), adminPortWord, strconv.Itoa(admin))
	fill := func(words []string) []string {
		filled := make([]string, len(words))
		for i, w := range words {
			filled[i] = replacer.Replace(w)
		}
		return filled
	}
	c := &a.Command
	c.Args, c.Env, c.Ready, c.Metrics = fill(c.Args), fill(c.Env), replacer.Replace(c.Ready), replacer.Replace(c.Metrics)
	return a, nil
}

// address returns the URL of what is a path of a service, or a URL already.
func address(s *service.Service, where string) string {
	if strings.HasPrefix(where, "/") {
		return s.URL + where
	}
	return where
}

// freePort finds a port of the loopback interface that is free. Another process may take it first;
// then the arm says so and does not start.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
