package run

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/process"
	"brrtload/scenarios"
)

// How long a target may take to become ready after we started it, to answer when somebody else did, and to end when asked.
const (
	readyTime  = 30 * time.Second
	answerTime = 5 * time.Second
	graceTime  = 10 * time.Second
)

// target is the service under test: a process that we started, or a URL that somebody else looks after.
type target struct {
	name    string // the command line, or the URL
	url     string
	process *process.Process // nil for a URL
	admin   string           // URL of the bundled service's admin listener
	log     string           // file of the process's output
}

// announcement is what the bundled service writes when it is ready.
type announcement struct {
	PID    int    `json:"pid"`
	Listen string `json:"listen"`
	Admin  string `json:"admin"`
}

// unreachable is an error that means the target, or its endpoint, was never there: exit status 5.
type unreachable struct{ error }

func (u unreachable) Unwrap() error { return u.error }

// startTarget starts what the scenario names and waits until it is ready to be loaded.
func startTarget(ctx context.Context, s scenarios.Target, bundled, dir string) (*target, error) {
	t := &target{name: s.URL.Value, url: strings.TrimSuffix(s.URL.Value, "/"), log: filepath.Join(dir, "target.log")}
	var err error
	switch {
	case s.Bundled != nil:
		err = t.startBundled(ctx, s, bundled, dir)
	case len(s.Command) > 0:
		t.name = strings.Join(s.Command, " ")
		t.process, err = process.Start(process.Command{Path: s.Command[0], Args: s.Command[1:], Log: t.log})
	}
	if err == nil {
		path := s.Ready
		if s.Bundled != nil {
			path = cmp.Or(path, "/ready")
		}
		err = t.ready(ctx, path)
	}
	if err != nil {
		err = errors.Join(err, t.stop())
		return nil, unreachable{err}
	}
	return t, nil
}

func (t *target) startBundled(ctx context.Context, s scenarios.Target, bundled, dir string) error {
	announce, err := filepath.Abs(filepath.Join(dir, "announce.json"))
	if err != nil {
		return err
	}
	args := slices.Clone(s.Bundled.Args)
	for _, fault := range slices.Sorted(maps.Keys(s.Bundled.Faults)) {
		setting := fault
		if value := s.Bundled.Faults[fault]; value != "" {
			setting += "=" + value
		}
		args = append(args, "--fault", setting)
	}
	t.name = strings.Join(append([]string{filepath.Base(bundled)}, args...), " ")
	args = append([]string{"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--announce", announce}, args...)
	if t.process, err = process.Start(process.Command{Path: bundled, Args: args, Log: t.log}); err != nil {
		return err
	}
	var said announcement
	err = t.until(ctx, "announce itself", func() error {
		text, err := os.ReadFile(announce)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &said)
	})
	t.url, t.admin = "http://"+said.Listen, "http://"+said.Admin
	return errors.Join(err, os.RemoveAll(announce))
}

// ready waits until a GET of the path is answered with a 2xx; without a path, until the target answers at all.
func (t *target) ready(ctx context.Context, path string) error {
	url := t.url + cmp.Or(path, "/")
	client := http.Client{Timeout: 2 * time.Second}
	return t.until(ctx, "answer "+url, func() error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(request)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if path != "" && answer.StatusCode/100 != 2 {
			return fmt.Errorf("answered %s", answer.Status)
		}
		return nil
	})
}

// until tries again and again until there is no error, for as long as the target is alive and the time allows.
func (t *target) until(ctx context.Context, what string, try func() error) error {
	patience := answerTime
	if t.process != nil {
		patience = readyTime
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-t.ended():
			how, _ := t.process.Ended()
			return fmt.Errorf("target %s %s before it could %s%s", t.name, how, what, t.tail())
		case <-ctx.Done():
			return fmt.Errorf("target %s did not %s: %w%s", t.name, what, err, t.tail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ended is closed when the target's process has ended; nil, which blocks for ever, when it is not ours.
func (t *target) ended() <-chan struct{} {
	if t.process == nil {
		return nil
	}
	return t.process.Done()
}

// died says how the target came to its end before it was asked to, and nothing while it lives.
func (t *target) died() string {
	if t.process == nil {
		return ""
	}
	how, _ := t.process.Ended()
	return how
}

// tail gives the last lines that the target said, for an error message.
func (t *target) tail() string {
	const most = 2048
	file, err := os.Open(t.log)
	if err != nil {
		return ""
	}
	defer file.Close()
	if size, err := file.Seek(0, io.SeekEnd); err == nil {
		_, _ = file.Seek(max(0, size-most), io.SeekStart)
	}
	text, _ := io.ReadAll(io.LimitReader(file, most))
	lines := strings.Split(strings.TrimSpace(diag.Printable(string(text))), "\n")
	if lines = lines[max(0, len(lines)-5):]; lines[0] == "" {
		return ""
	}
	return "; it said last:\n    " + strings.Join(lines, "\n    ")
}

// stop ends the target if it is ours.
func (t *target) stop() error {
	if t == nil || t.process == nil {
		return nil
	}
	return t.process.Stop(graceTime)
}

// usage reads what the target's process has used. It is an error when the process is not ours.
func (t *target) usage() (process.Usage, error) {
	if t.process == nil {
		return process.Usage{}, errors.New("the target is not a process of ours")
	}
	return process.UsageOf(t.process.PID())
}
