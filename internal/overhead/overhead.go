// Package overhead measures what telemetry costs: the paired experiment.
//
// In go a scenario's requests and the arms, a service without and one with what is measured; out
// come the [Record] of an experiment, block by block, and its judgement by [Judge], which needs
// nothing but the record. Package load sends the hits, service starts the arms, stat has the
// statistics, and reports shows the result.
package overhead

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"brrtload/internal/load"
	"brrtload/internal/machine"
	"brrtload/internal/service"
	"brrtload/reports"
	"brrtload/scenarios"
)

// Options say what to compare and for how long. Scenario, Arms and Dir must be given.
type Options struct {
	Scenario *scenarios.Scenario // its requests, credentials and target's paths; the experiment sets rates of its own
	Arms     []Arm               // the baseline, its twin, the candidate, then variants of it
	Dir      string              // the run directory; it exists
	Seed     uint64
	Budgets  []Budget
	Load     float64 // hits per second, of all arms together; 0 lets a pilot find out
	// hits per second of one service, that overhead is stated for; 0 states it for a third of the
	// load
	Rate     float64
	Blocks   int           // so many and no other number; 0 stops when the budgets are decided
	MaxTime  time.Duration // at most, blocks and restarts together
	Block    time.Duration // about how long a block of three arms takes; more arms need longer
	Settle   time.Duration // before a rest, for work that is done later
	Free     bool          // keeps no process to a CPU
	InPlace  bool          // runs the arms' programs where they are, and not a copy for each arm
	Interval time.Duration // of the scrapes that users have
	Session  int           // blocks between two restarts of the arms
	AA       bool          // the arms may be the same
	Stop     <-chan struct{}
	// hears in a sentence where the experiment is
	Say func(string)
	// hears after every block what is known so far
	Progress func(blocks int, spent, most time.Duration, so reports.Overhead)
}

// ErrSame says that two arms do not differ in anything.
var ErrSame = errors.New("the same program with the same arguments and environment: there is nothing to measure")

// ErrArm says that an arm did not start, or died.
var ErrArm = errors.New("an arm did not start, or died")

// armError is an error that is an [ErrArm], in its own words.
type armError struct{ error }

func (armError) Is(target error) bool { return target == ErrArm }
func (e armError) Unwrap() error      { return e.error }

// errStopped ends the loop of blocks on request, and errVoid before its first block
// when nothing that could be measured would mean anything.
var (
	errStopped = errors.New("asked to stop")
	errVoid    = errors.New("void")
)

// Run carries the experiment out and gives what it measured, which it also writes to the run
// directory. When it is stopped or ctx ends, the blocks so far are given with a nil error and an
// error that wraps [context.Canceled] respectively; so are they with any other error, of which an
// [ErrArm] is an arm's. Every process that it started has ended when it returns.
func Run(ctx context.Context, o Options) (Record, error) {
	x := &experiment{Options: o, began: time.Now()}
	x.record = Record{Version: recordVersion, Budgets: o.Budgets, Design: Design{
		Arms: slices.Clone(o.Arms), Seed: o.Seed, Rate: o.Rate, Block: seconds(o.Block), Settle: seconds(o.Settle), Interval: seconds(o.Interval),
		Fixed: o.Blocks, AA: o.AA,
	}}
	if err := x.identify(ctx); err != nil {
		return x.record, err
	}
	if len(x.record.Objections) > 0 { // nothing that could be measured would mean anything
		return x.record, x.record.Write(o.Dir)
	}
	err := x.pinned(ctx)
	if errors.Is(err, errStopped) {
		err = nil
	}
	return x.record, errors.Join(err, x.record.Write(o.Dir))
}

// experiment is one under way.
type experiment struct {
	Options
	record   Record
	began    time.Time
	services []*service.Service
	running  []Arm     // as they were started
	sent     []account // by arm, since its start
	session  int
	piloted  bool
	warmed   uint64
	plan     *scenarios.Plan
	targets  *load.Targets
	sink     *sink
	copies   string // directory of the session's copies of the arms' programs
}

// pinned carries the sessions out with every process on its CPU.
func (x *experiment) pinned(ctx context.Context) error {
	var err error
	if x.plan, err = planned(x.Scenario, x.Seed); err != nil {
		return err
	}
	if !x.Free {
		if x.record.Design.Pin, err = choosePins(); err != nil {
			return err
		}
	}
	release, err := x.record.Design.Pin.pin()
	if err != nil {
		return err
	}
	if x.sink, err = newSink(traced(x.Arms)); err != nil {
		return errors.Join(err, release())
	}
	return errors.Join(x.sessions(ctx), x.sink.close(), release())
}

// identify finds out which programs the arms are, and objects to arms that cannot be compared.
func (x *experiment) identify(ctx context.Context) error {
	arms := x.record.Design.Arms
	for i := range arms {
		if err := arms[i].identify(ctx); err != nil {
			return err
		}
	}
	if !x.AA {
		for _, a := range arms[2:] {
			if a.same(arms[0]) {
				return fmt.Errorf("%s and %s are %w (--aa asks for an experiment that ought to find nothing)", a.Name,
					arms[0].Name, ErrSame)
			}
		}
	}
	x.record.Objections = append(x.record.Objections, differentCommits(arms)...)
	return nil
}

// sessions starts the arms anew for every session, until the experiment is over.
func (x *experiment) sessions(ctx context.Context) error {
	for {
		err := x.start(ctx)
		if err == nil {
			err = x.blocks(ctx)
		}
		if err == nil {
			err = x.rest(ctx)
		}
		if err == nil { // what the arms counted of a block that was cut is more than the client knows
			x.delivery(ctx)
		}
		if err = errors.Join(x.blame(err), x.stop()); errors.Is(err, errVoid) {
			return nil
		} else if err != nil {
			return err
		}
		if x.over() {
			return nil
		}
		x.session++
	}
}

// blame marks an error as an arm's that has died. What a death does to others may be seen before
// the death is.
func (x *experiment) blame(err error) error {
	if err == nil || errors.Is(err, errStopped) || errors.Is(err, errVoid) {
		return err
	}
	for until := time.Now().Add(300 * time.Millisecond); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		for _, s := range x.services {
			if s != nil && s.Died() != "" {
				return armError{err}
			}
		}
	}
	return err
}

// start starts the arms, warms them up, and, the first time, looks whether they answer alike and
// how fast they may be loaded.
func (x *experiment) start(ctx context.Context) error {
	dir := fmt.Sprintf("%s/session-%d", x.Dir, x.session)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	x.copies = filepath.Join(dir, "programs")
	x.Say(fmt.Sprintf("session %d: starting %d arms", x.session+1, len(x.Arms)))
	x.sent = make([]account, len(x.Arms))
	x.sink.reset()
	if err := x.relink(ctx); err != nil {
		return err
	}
	for i, a := range x.record.Design.Arms {
		var err error
		if a.Command.Source != nil {
			a.Command.Path = a.program(x.copies)
		} else if !x.InPlace {
			if a, err = a.copied(x.copies); err != nil {
				return err
			}
		}
		if a, err = a.placed(); err != nil {
			return err
		}
		x.running = append(x.running, a)
		s, err := a.start(ctx, dir, slices.Concat(x.environment(), x.sink.environment(i)), x.record.Design.Pin.arms(),
			x.Scenario)
		x.services = append(x.services, s)
		if err != nil {
			return armError{err}
		}
	}
	if err := x.connect(); err != nil {
		return err
	}
	if !x.piloted {
		if err := x.alike(ctx); err != nil {
			return err
		}
		if err := x.bare(ctx); err != nil {
			return err
		}
		if len(x.record.Objections) > 0 {
			return errVoid
		}
		if err := x.pilot(ctx); err != nil {
			return err
		}
		x.piloted = true
	}
	return x.warmUp(ctx)
}

// traced reports which arms are to deliver spans: those that say so, and the variations of a
// candidate that does.
func traced(arms []Arm) []bool {
	list := make([]bool, len(arms))
	candidate := slices.ContainsFunc(arms, func(a Arm) bool { return a.Role == Candidate && a.Command.Proof.Roots })
	for i, a := range arms {
		list[i] = a.Command.Proof.Roots || a.Role == Variant && candidate
	}
	return list
}

// environment is what all arms have in common, so that none is treated differently.
func (x *experiment) environment() []string {
	cpus := machine.Read().CPUs
	if pin := x.record.Design.Pin; pin != nil {
		cpus = len(pin.Arms)
	}
	return []string{fmt.Sprintf("GOMAXPROCS=%d", cpus), "GOGC=100", "GOMEMLIMIT=off", "GODEBUG="}
}

// connect makes the session's connections.
func (x *experiment) connect() error {
	var options []load.Options
	for _, s := range x.services {
		o, err := load.For(x.Scenario, s.URL)
		if err != nil {
			return err
		}
		o.Connections = connections
		options = append(options, o)
	}
	var err error
	x.targets, err = load.NewTargets(x.plan, options...)
	return err
}

func (x *experiment) stop() error {
	if x.targets != nil {
		x.targets.Close()
		x.targets = nil
	}
	var failed []error
	for _, s := range x.services {
		failed = append(failed, s.Stop())
	}
	if x.copies != "" {
		failed = append(failed, os.RemoveAll(x.copies))
	}
	x.services, x.running = nil, nil
	return errors.Join(failed...)
}

// blocks measures until the session or the experiment is over.
func (x *experiment) blocks(ctx context.Context) error {
	for range x.Session {
		if x.over() {
			return nil
		}
		b, err := x.block(ctx, len(x.record.Blocks))
		if err != nil {
			return err
		}
		x.record.Blocks = append(x.record.Blocks, b)
		x.Progress(len(x.record.Blocks), time.Since(x.began), x.MaxTime, Summarize(x.record))
	}
	return nil
}

// over reports whether no more blocks are wanted: so many were asked for, the time is up, or the
// budgets are decided.
func (x *experiment) over() bool {
	switch {
	case len(x.record.Objections) > 0:
		return true
	case x.Blocks > 0:
		return len(x.record.Blocks) >= x.Blocks
	case time.Since(x.began) >= x.MaxTime:
		return true
	}
	return decided(x.record)
}

// stopped reports whether the end was requested.
func (x *experiment) stopped() bool {
	select {
	case <-x.Stop:
		return true
	default:
		return false
	}
}
