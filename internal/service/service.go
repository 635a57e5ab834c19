// Package service starts a service to be measured and waits until it can be.
//
// In goes a command, or the address of a service that runs already; out comes a
// [Service] that answers. Package run starts one for a scenario, package overhead one for each arm
// of its experiment; package process does the starting.
package service

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/process"
)

// graceTime is how long a service may take to end when asked.
const graceTime = 10 * time.Second

// Service is a service under test: a process that we started, or a URL of
// one that runs already. Methods are safe for concurrent use.
type Service struct {
	Name    string           // the command line, or the URL
	URL     string           // without a slash at its end
	Admin   string           // URL of the bundled service's admin listener
	Log     string           // file of the process's output
	Process *process.Process // nil when it is not ours
	Grace   time.Duration    // how long it may take to end when asked; ten seconds when 0

	serving int           // the process that serves: Process, or one that it started; 0 until that is known
	unknown error         // why it is not
	tail    func() []byte // the end of what it wrote, when that is not in the file Log alone
}

// announcement is what the bundled service writes when it is ready.
type announcement struct {
	PID    int    `json:"pid"`
	Listen string `json:"listen"`
	Admin  string `json:"admin"`
}

// At returns the service at a URL. With a ready path, wait for it with [Service.Ready].
func At(url string) *Service {
	return &Service{Name: shown(url), URL: strings.TrimSuffix(url, "/")}
}

// shown returns a URL without its password.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "at what is no URL" // the text itself may hold a password
	}
	return u.Redacted()
}

// Shown returns the service's URL without its password.
func (s *Service) Shown() string { return shown(s.URL) }

// Start starts the command of a service that is to answer at a URL.
func Start(c process.Command, url string) (*Service, error) {
	s := &Service{Name: c.String(), URL: strings.TrimSuffix(url, "/"), Log: c.Log, tail: c.Said}
	var err error
	s.Process, err = process.Start(c)
	return s, err
}

// StartBundled starts a program that takes --listen, --admin and --announce, as the bundled service
// does, on ports that the kernel chooses, and waits for its announcement. The file of that is made
// beside the log and removed. A service that did not announce itself has been stopped.
func StartBundled(ctx context.Context, c process.Command) (*Service, error) {
	announce, err := filepath.Abs(c.Log + ".announce.json")
	if err != nil {
		return nil, err
	}
	s := &Service{Name: strings.Join(append([]string{filepath.Base(c.Path)}, c.Args...), " "), Log: c.Log, tail: c.Said}
	c.Args = append([]string{"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--announce", announce}, c.Args...)
	if s.Process, err = process.Start(c); err != nil {
		return nil, err
	}
	var said announcement
	err = s.until(ctx, StartTime, steadily, "announce itself", func(context.Context) error {
		text, err := os.ReadFile(announce)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &said)
	})
	if err = errors.Join(err, os.RemoveAll(announce)); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	s.URL, s.Admin = "http://"+said.Listen, "http://"+said.Admin
	return s, nil
}

// AtSocket finds the process that serves at a Unix socket, once the service is ready.
func (s *Service) AtSocket(path string) {
	if s.Process != nil {
		s.serving, s.unknown = process.ServingUnix(s.Process.PID(), path)
	}
}

// Stranger reports that what answers is neither the process that we started nor one that it
// started, and says so in words.
func (s *Service) Stranger() (string, bool) {
	if s.Process == nil || !errors.Is(s.unknown, process.ErrStranger) {
		return "", false
	}
	return s.unknown.Error(), true
}

// Exposes reports whether the process that serves is also the one that listens at another URL, its
// metrics', and which others of the service listen at all.
func (s *Service) Exposes(metrics string) (same bool, others []int) {
	pid, err := s.PID()
	if err != nil {
		return false, nil
	}
	exposing, err := process.Serving(s.Process.PID(), port(metrics))
	others = slices.DeleteFunc(process.Peers(s.Process.PID()), func(p int) bool { return p == pid })
	return err == nil && exposing == pid, others
}

// port returns the port of a URL; 0 when it has none that is known.
func port(address string) int {
	u, err := url.Parse(address)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme]))
	return n
}

// PID returns the process that serves, once the service is ready: the one that was started, or one
// that it started in turn, such as a shell does. It is an error when the service is not ours, or
// when it is unknown which it is.
func (s *Service) PID() (int, error) {
	switch {
	case s.Process == nil:
		return 0, errors.New("the target is not a process of ours")
	case s.unknown != nil:
		return 0, fmt.Errorf("cannot determine which process serves: %w", s.unknown)
	case s.serving == 0:
		return 0, errors.New("which process serves is not known before it is ready")
	}
	return s.serving, nil
}

// Ended is closed when the service's process has ended; nil, which blocks for ever, when it is not
// ours.
func (s *Service) Ended() <-chan struct{} {
	if s.Process == nil {
		return nil
	}
	return s.Process.Done()
}

// Died reports how the service came to its end before it was asked to, and nothing while it lives.
func (s *Service) Died() string {
	if s.Process == nil {
		return ""
	}
	how, _ := s.Process.Ended()
	return how
}

// said returns the end of what the service wrote, 64 KiB at most: a Go program says after its panic
// what every goroutine was about.
func (s *Service) said() []byte {
	const most = 64 << 10
	if s.tail != nil {
		return s.tail()
	}
	file, err := os.Open(s.Log)
	if err != nil {
		return nil
	}
	defer file.Close()
	if size, err := file.Seek(0, io.SeekEnd); err == nil {
		_, _ = file.Seek(max(0, size-most), io.SeekStart)
	}
	text, _ := io.ReadAll(io.LimitReader(file, most))
	return text
}

// maxTail is about how many bytes of what a service said an error message has room for, and
// maxBrief how many characters of its command line.
const (
	maxTail  = 160
	maxBrief = 60
)

// Brief returns the service's name cut short, for a message in which more must find room.
func (s *Service) Brief() string {
	if name := []rune(s.Name); len(name) > maxBrief {
		return string(name[:maxBrief-1]) + "…"
	}
	return s.Name
}

// Tail returns the last lines that the service said, for an error message: empty, or beginning with
// a semicolon. They are printable. There are five at most, and fewer when they are long: the cause
// of an end comes last, and where a message is cut it must not be that. Of a Go program that
// panicked the line that says so comes first, for stacks follow it.
func (s *Service) Tail() string {
	lines := strings.Split(strings.TrimSpace(diag.Printable(string(s.said()))), "\n")
	cause := max(0, lastPanic(lines))
	room := maxTail - len(lines[len(lines)-1])
	first := len(lines) - 1
	for first > cause && len(lines)-first < 5 && len(lines[first-1]) <= room {
		first--
		room -= len(lines[first])
	}
	last := lines[first:]
	if lastPanic(lines) >= 0 && first > cause {
		last = append([]string{lines[cause]}, last...)
	}
	if last[0] == "" {
		return ""
	}
	return "; it said last:\n    " + strings.Join(last, "\n    ")
}

// lastPanic finds the last line by which the Go runtime says why it ends a program; -1 when there
// is none.
func lastPanic(lines []string) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.HasPrefix(lines[i], "panic: ") || strings.HasPrefix(lines[i], "fatal error: ") {
			return i
		}
	}
	return -1
}

// Stop ends the service if it is ours. A nil service has nothing to end.
func (s *Service) Stop() error {
	if s == nil || s.Process == nil {
		return nil
	}
	return s.Process.Stop(cmp.Or(s.Grace, graceTime))
}

// StopBy ends the service as [Service.Stop] does, and at once when ctx ends.
func (s *Service) StopBy(ctx context.Context) error {
	if s == nil || s.Process == nil {
		return nil
	}
	kept := context.AfterFunc(ctx, func() { _ = s.Process.Kill() }) // Stop waits for it all the same
	defer kept()
	return s.Stop()
}

// Swept reports in words what the service left behind and had to be ended, once it was stopped;
// nothing when it left nothing.
func (s *Service) Swept() string {
	if s == nil || s.Process == nil {
		return ""
	}
	return s.Process.Swept()
}

// Usage reads what the process that serves has used. It is an error when [Service.PID] is.
func (s *Service) Usage() (process.Usage, error) {
	pid, err := s.PID()
	if err != nil {
		return process.Usage{}, err
	}
	return process.UsageOf(pid)
}
