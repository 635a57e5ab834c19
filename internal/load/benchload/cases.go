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

	"brrtload/internal/machine"
	"brrtload/internal/process"
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
	busy       bool  // beside a neighbour that uses the responder's core
	// read gives what the tool says of the run, from its standard output.
	read func(output []byte) (said, error)
}

// said is what a tool says of its own run. Times are seconds.
type said struct {
	Hits   uint64   `json:"hits"`
	P50    float64  `json:"p50"`
	P99    float64  `json:"p99"`
	LagP99 *float64 `json:"lag_p99,omitempty"` // sent - due

	Loading float64 `json:"cpu_of_load,omitempty"` // CPU time of the load alone, without judging and reports
}

// Measurement is one run of one tool.
type Measurement struct {
	Tool string `json:"tool"`
	Load string `json:"load"`
	said
	CPU      float64 `json:"cpu_per_hit"`             // seconds of the client process, user and system
	Resident float64 `json:"resident"`                // peak, bytes
	Wakes    float64 `json:"wakes_per_hit,omitempty"` // times that a thread of the client gave up its CPU to wait
	Others   float64 `json:"others"`                  // share of the machine's CPU time that others took than those that belong to the measurement
}

func (m Measurement) String() string {
	return fmt.Sprintf("%s %s: %d hits, %.1f µs/hit, p99 %.2f ms, others %.0f %%",
		m.Tool, m.Load, m.Hits, m.CPU*1e6, m.P99*1e3, m.Others*100)
}

// bencher is what every case is made of.
type bencher struct {
	dir, url         string
	length           time.Duration // of the load of one run
	brrtload, before string        // binaries; before may be ""
}

func (b bencher) path(name string) string { return filepath.Join(b.dir, name) }

// prepare builds the peers.
func (b bencher) prepare(ctx context.Context) error {
	for _, module := range []string{"github.com/tsenart/vegeta/v12@v12.13.0", "github.com/rakyll/hey@v0.1.5"} {
		install := exec.CommandContext(ctx, "go", "install", module)
		install.Env = append(os.Environ(), "GOBIN="+b.dir)
		if out, err := install.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w: %s", module, err, out)
		}
	}
	for _, s := range []struct{ name, rate string }{{atMax, "max"}, {at5000, "5000"}} {
		text := b.scenario(s.rate, "1s", "/pets/12345")
		if err := os.WriteFile(b.path(s.name+".yaml"), []byte(text), 0o600); err != nil {
			return err
		}
		text += "transport: {client: vegeta}\n"
		if err := os.WriteFile(b.path(s.name+"-by-vegeta.yaml"), []byte(text), 0o600); err != nil {
			return err
		}
	}
	for name, interval := range intervals {
		text := b.scenario("1000", interval, tenPaths()...)
		if err := os.WriteFile(b.path(name+".yaml"), []byte(text), 0o600); err != nil {
			return err
		}
	}
	if err := os.WriteFile(b.path("ten-targets"), []byte(b.targets(tenPaths()...)), 0o600); err != nil {
		return err
	}
	return os.WriteFile(b.path("targets"), []byte(b.targets("/pets/12345")), 0o600)
}

// scenario asks for paths in equal shares, and scrapes at an interval.
func (b bencher) scenario(rate, interval string, paths ...string) string {
	text := fmt.Sprintf("target: {url: %q, metrics: /metrics, ready: /}\nscrape: {interval: %s}\nconnections: 64\n"+
		"stages: [{rate: %s, duration: %s}]\nrequests:\n", b.url, interval, rate, b.length)
	for _, path := range paths {
		text += "  - {get: " + path + "}\n"
	}
	return text
}

// targets are vegeta's for the same paths.
func (b bencher) targets(paths ...string) (text string) {
	for _, path := range paths {
		text += "GET " + b.url + path + "\n\n"
	}
	return text
}

// ours runs a binary of brrtload with a scenario of [bencher.prepare].
func (b bencher) ours(tool, load, binary, scenario string) run {
	dir := b.path("run")
	command := []string{binary, "run", b.path(scenario + ".yaml"), "--quiet", "--dir", dir}
	return run{Tool: tool, Load: load, command: command, accepts: []int{1, 3, 4},
		read: func([]byte) (said, error) { return readBrrtload(dir) }}
}

func (b bencher) vegeta(load, targets string, interval time.Duration, flags ...string) run {
	results := b.path("results")
	command := []string{b.path("vegeta"), "attack", "-targets", b.path(targets), "-output", results,
		"-duration", b.length.String()}
	return run{Tool: "vegeta", Load: load, command: append(command, flags...),
		read: func([]byte) (said, error) { return readVegeta(results, interval) }}
}

// costs lists the cases of bench-load.
func (b bencher) costs() []run {
	target, seconds := b.url+"/pets/12345", b.length.String()
	hey := func(load string, flags ...string) run {
		return run{Tool: "hey", Load: load, read: readHey,
			command: append(append([]string{b.path("hey"), "-z", seconds}, flags...), target)}
	}
	return []run{
		b.ours("brrtload", atMax, b.brrtload, atMax),
		b.vegeta(atMax, "targets", 0, "-rate=0", "-max-workers=64", "-workers=64", "-connections=64"),
		hey(atMax, "-c", "64"),
		{Tool: "wrk", Load: atMax, read: readWrk,
			command: []string{"wrk", "-t1", "-c64", "--latency", "-d" + seconds, target}},
		b.ours("brrtload", at5000, b.brrtload, at5000),
		b.vegeta(at5000, "targets", time.Second/5000, "-rate=5000"),
		hey(at5000, "-c", "50", "-q", "100"),
		{Tool: "bare", Load: at5000, command: []string{self(), "-bare", target, "-duration", seconds}, read: readBare},
	}
}

// measure runs the tool on its core and reads what it cost.
func (c run) measure(ctx context.Context, responder int, d time.Duration) (_ Measurement, err error) {
	var output, complaints bytes.Buffer
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", clientCore}, c.command...)...)
	cmd.Stdout, cmd.Stderr = &output, &complaints
	leave := func() time.Duration { return 0 }
	began, before := time.Now(), machine.Now()
	idle, err := process.CPU(responder)
	if err != nil {
		return Measurement{}, err
	}
	if c.busy {
		if leave, err = neighbour(ctx, d+time.Minute); err != nil {
			return Measurement{}, err
		}
	}
	err = cmd.Run()
	neighbours := leave()
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains(c.accepts, exit.ExitCode()) {
		err = nil
	}
	if err != nil {
		return Measurement{}, fmt.Errorf("%w: %s", err, complaints.String())
	}
	answered, err := process.CPU(responder)
	if err != nil {
		return Measurement{}, err
	}
	busy, all := machine.Now().Busy()-before.Busy(), time.Since(began).Seconds()*float64(machine.CPUs())
	s, err := c.read(output.Bytes())
	if err != nil {
		return Measurement{}, err
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return Measurement{
		Tool:     c.Tool,
		Load:     c.Load,
		said:     s,
		CPU:      cpu.Seconds() / float64(s.Hits),
		Resident: float64(usage.Maxrss) * 1024,
		Wakes:    float64(usage.Nvcsw) / float64(s.Hits),
		Others:   max(0, busy-(cpu+answered-idle+neighbours).Seconds()) / all,
	}, nil
}
