package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"brrtload/internal/machine"
	"brrtload/internal/overhead"
	"brrtload/internal/stat"
	"brrtload/reports"
	"brrtload/scenarios"
)

// Experiment is one whose truth is known.
type Experiment struct {
	Kind    string          `json:"kind"`
	Burn    float64         `json:"burn"` // CPU seconds that the candidate uses more for a hit
	Began   time.Time       `json:"began"`
	Kernel  string          `json:"kernel"`
	CPU     string          `json:"cpu"`
	CPUs    int             `json:"cpus"`
	Go      string          `json:"go"`
	Build   string          `json:"build"`
	Seconds float64         `json:"seconds"` // from its beginning to its end, starts included
	Record  overhead.Record `json:"record"`
	Method  int             `json:"method"`
	Said    Said            `json:"said"`
}

// kind is what an experiment is for: with a number of blocks fixed beforehand, or with a budget,
// until it is decided.
type kind struct {
	name   string
	share  float64 // that the candidate costs more, of what a hit costs the baseline
	budget string
	truth  string // the verdict that is right, when there is a budget
}

var kinds = []kind{
	{"0 %", 0, "", ""},
	{"1 %", 0.01, "", ""},
	{"2 %", 0.02, "", ""},
	{"5 %", 0.05, "", ""},
	{"10 %", 0.1, "", ""},
	{"1 % against < 3 %", 0.01, "cpu < 3%", overhead.Within},
	{"5 % against < 3 %", 0.05, "cpu < 3%", overhead.Over},
}

// blocks is how many an experiment of a fixed number has: the fewest from which anything is
// claimed, each of a start of its own. With a budget a start has its default number.
const (
	blocks   = stat.MinLook
	usual    = 4
	baseBurn = 20 * time.Microsecond // of both arms, so that what a burn costs beside what it burns is in both
	patience = 5 * time.Minute
)

// next returns the kind of which there are fewest by the present method. One with a budget takes
// twice as long, and comes half as often.
func next(all []Experiment) kind {
	count := map[string]int{}
	for _, e := range all {
		if e.Method != method {
			continue
		}
		if count[e.Kind]++; len(e.Record.Budgets) > 0 {
			count[e.Kind]++
		}
	}
	least := kinds[0]
	for _, k := range kinds {
		if count[k.name] < count[least.name] {
			least = k
		}
	}
	return least
}

//go:embed calibration.yaml
var files embed.FS

// carryOut carries out an experiment of a kind. What share a burn is to be is reckoned by what a
// hit cost in the experiment before; what share it was, by what one cost in the experiment itself.
func carryOut(ctx context.Context, k kind, all []Experiment) (Experiment, error) {
	seed := uint64(len(all) + 1)
	facts := machine.Read()
	e := Experiment{Method: method, Kind: k.name, Began: time.Now().UTC().Truncate(time.Second), Kernel: facts.Kernel,
		CPU: facts.CPU, CPUs: facts.CPUs, Go: runtime.Version(), Build: machine.Build()}
	dir, err := os.MkdirTemp("", "calibrate")
	if err != nil {
		return e, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a directory of ours in the temporary one
	for _, before := range slices.Backward(all) {
		if before.Said.Base > 0 {
			e.Burn = time.Duration(before.Said.Base * k.share * 1e9).Seconds()
			break
		}
	}
	o := overhead.Options{Dir: dir, Seed: seed, Blocks: blocks, Session: 1}
	if k.budget != "" {
		b, err := overhead.ParseBudget(k.budget)
		if err != nil {
			return e, err
		}
		o.Blocks, o.Session, o.Budgets = 0, usual, []overhead.Budget{b}
	}
	began := time.Now()
	e.Record, err = measure(ctx, o, time.Duration(e.Burn*1e9+0.5))
	e.Seconds = time.Since(began).Seconds()
	return judged(e), err
}

func measure(ctx context.Context, o overhead.Options, burn time.Duration) (overhead.Record, error) {
	s, err := scenarios.Load(files, "calibration.yaml")
	if err != nil {
		return overhead.Record{}, err
	}
	o.Scenario, o.AA, o.MaxTime, o.Block, o.Settle, o.Interval = s, true, patience, time.Second, 300*time.Millisecond, 15*time.Second
	o.Say, o.Progress = func(string) {}, func(int, time.Duration, time.Duration, reports.Overhead) {}
	arm := func(name string, role overhead.Role, burn time.Duration) overhead.Arm {
		return overhead.Arm{Name: name, Role: role, Command: overhead.Command{Path: "bin/targetsvc-bare",
			Args: []string{"--fault", "handler-cpu=" + burn.String()}, Bundled: true}}
	}
	o.Arms = []overhead.Arm{
		arm("baseline", overhead.Baseline, baseBurn), arm("twin", overhead.Twin, baseBurn),
		arm("candidate", overhead.Candidate, baseBurn+burn),
	}
	return overhead.Run(ctx, o)
}

// String reports in a line what was found.
func (e Experiment) String() string {
	return fmt.Sprintf("%s (%.2f µs): %s: %s", e.Kind, e.Burn*1e6, e.Said.Verdict, e.Said.Reason)
}
