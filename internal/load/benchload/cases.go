package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// The kinds of load that are compared: as fast as 64 connections go, and 5,000 hits a second.
const (
	atMax  = "max"
	at5000 = "at5000"
)

// run is one way of running one tool.
type run struct {
	Tool, Load string
	command    []string
	accepts    []int // exit statuses besides 0
	// read gives what the tool says of the run, from its standard output.
	read func(output []byte) (said, error)
}

// said is what a tool says of its own run. Times are seconds.
type said struct {
	Hits   uint64   `json:"hits"`
	P50    float64  `json:"p50"`
	P99    float64  `json:"p99"`
	LagP99 *float64 `json:"lag_p99,omitempty"` // sent - due
}

// Measurement is one run of one tool.
type Measurement struct {
	Tool string `json:"tool"`
	Load string `json:"load"`
	said
	CPU      float64 `json:"cpu_per_hit"` // seconds of the client process, user and system
	Resident float64 `json:"resident"`    // peak, bytes
	Others   float64 `json:"others"`      // share of the machine's CPU time that others took than the client and the responder
}

func (m Measurement) String() string {
	return fmt.Sprintf("%s %s: %d hits, %.1f µs/hit, p99 %.2f ms, others %.0f %%", m.Tool, m.Load, m.Hits, m.CPU*1e6, m.P99*1e3, m.Others*100)
}

// cases builds the peers and lists what is compared.
func cases(ctx context.Context, dir, brrtload, url string, d time.Duration) ([]run, error) {
	for _, module := range []string{"github.com/tsenart/vegeta/v12@v12.13.0", "github.com/rakyll/hey@v0.1.5"} {
		install := exec.CommandContext(ctx, "go", "install", module)
		install.Env = append(os.Environ(), "GOBIN="+dir)
		if out, err := install.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build %s: %w: %s", module, err, out)
		}
	}
	path := func(name string) string { return filepath.Join(dir, name) }
	target := url + "/pets/12345"
	if err := os.WriteFile(path("targets"), []byte("GET "+target+"\n"), 0o600); err != nil {
		return nil, err
	}
	for _, s := range []struct{ name, rate string }{{atMax, "max"}, {at5000, "5000"}} {
		scenario := fmt.Sprintf("target: {url: %q, metrics: /metrics, ready: /}\nscrape: {interval: 1s}\nconnections: 64\nstages: [{rate: %s, duration: %s}]\nrequests: [{get: /pets/12345}]\n", url, s.rate, d)
		if err := os.WriteFile(path(s.name+".yaml"), []byte(scenario), 0o600); err != nil {
			return nil, err
		}
	}
	seconds, results := d.String(), path("results")
	ours := func(load string) run {
		runDir := path("run-" + load)
		return run{"brrtload", load, []string{brrtload, "run", path(load + ".yaml"), "--quiet", "--dir", runDir}, []int{1, 3, 4}, func([]byte) (said, error) {
			return readBrrtload(runDir)
		}}
	}
	vegeta := func(load string, interval time.Duration, flags ...string) run {
		command := append([]string{path("vegeta"), "attack", "-targets", path("targets"), "-output", results, "-duration", seconds}, flags...)
		return run{"vegeta", load, command, nil, func([]byte) (said, error) { return readVegeta(results, interval) }}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return []run{
		ours(atMax),
		vegeta(atMax, 0, "-rate=0", "-max-workers=64", "-workers=64", "-connections=64"),
		{"hey", atMax, []string{path("hey"), "-z", seconds, "-c", "64", target}, nil, readHey},
		{"wrk", atMax, []string{"wrk", "-t1", "-c64", "--latency", "-d" + seconds, target}, nil, readWrk},
		ours(at5000),
		vegeta(at5000, time.Second/5000, "-rate=5000"),
		{"hey", at5000, []string{path("hey"), "-z", seconds, "-c", "50", "-q", "100", target}, nil, readHey},
		{"bare", at5000, []string{self, "-bare", target, "-duration", seconds}, nil, readBare},
	}, nil
}

// used gives the CPU time of a process of one thread in seconds, by the kernel's scheduler, and 0 when it cannot be told, which makes others look worse.
func used(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	var nanoseconds float64
	if err == nil {
		_, err = fmt.Sscan(string(text), &nanoseconds)
	}
	if err != nil {
		return 0
	}
	return nanoseconds / 1e9
}

// measure runs the tool on its core and reads what it cost.
func (c run) measure(ctx context.Context, responder int) (Measurement, error) {
	var output, complaints bytes.Buffer
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", clientCore}, c.command...)...)
	cmd.Stdout, cmd.Stderr = &output, &complaints
	before, answering := readMachine(), used(responder)
	err := cmd.Run()
	after, answered := readMachine(), used(responder)
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains(c.accepts, exit.ExitCode()) {
		err = nil
	}
	if err != nil {
		return Measurement{}, fmt.Errorf("%w: %s", err, complaints.String())
	}
	s, err := c.read(output.Bytes())
	if err != nil {
		return Measurement{}, err
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return Measurement{Tool: c.Tool, Load: c.Load, said: s, CPU: cpu / float64(s.Hits), Resident: float64(usage.Maxrss) * 1024,
		Others: after.othersSince(before, cpu+answered-answering)}, nil
}
