package overhead

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"brrtload/internal/load"
	"brrtload/internal/load/hit"
	"brrtload/internal/machine"
	"brrtload/internal/pace"
	"brrtload/internal/process"
	"brrtload/scenarios"
)

// account is what the client knows it sent an arm since its start.
type account struct {
	answers map[string]uint64 // by status, or by outcome where none came
	hits    uint64
}

// connections is how many an arm gets. They are made once a session, before anything is measured.
const connections = 8

// block measures one block: all arms under one load of constant rate, in which they take turns, and
// after it what a scrape costs.
func (x *experiment) block(ctx context.Context, number int) (Block, error) {
	turns := deal(x.Seed, uint64(number), len(x.services),
		x.record.Design.Load*x.Block.Seconds()*float64(len(x.services))/3)
	b := Block{Session: x.session, Seconds: seconds(time.Since(x.began)), Arms: make([]Measurement, len(x.services))}
	strain := machine.Now()
	before, err := x.readings(ctx)
	if err != nil {
		return b, err
	}
	began, busy := time.Now(), x.busy()
	ledgers, err := x.send(ctx, turns)
	if err != nil {
		return b, err
	}
	after, err := x.clocks()
	if err != nil {
		return b, err
	}
	b.Length, b.Others = seconds(time.Since(began)), x.busy()-busy
	for i := range b.Arms {
		m := &b.Arms[i]
		m.account(ledgers[i].Snapshot(), turns.each)
		m.CPU = seconds(after[i] - before[i].cpu)
		b.Others -= m.CPU
		if err := m.used(ctx, x.services[i], before[i], x.sink.of(i)); err != nil {
			return b, fmt.Errorf("arm %s: %w%s", x.Arms[i].Name, err, x.services[i].Tail())
		}
		x.sent[i].add(*m)
	}
	b.Others = max(0, b.Others)
	b.Steal, b.Pressure = machine.Now().Since(strain)
	b.Scrapes = x.scrapes(ctx)
	b.Unfit = unfit(x.record.Design, b)
	return b, nil
}

// busy returns how many seconds programs have run on the arms' CPUs so far, the harness left out
// when it shares them.
func (x *experiment) busy() float64 {
	pin := x.record.Design.Pin
	own, err := process.CPU(os.Getpid())
	if pin != nil || err != nil {
		own = 0
	}
	return machine.Busy(pin.arms()) - seconds(own)
}

// turn is how many hits an arm gets at a stretch.
//
// Note: turns of a quarter of a second lost. What a neighbour does to the machine lasts some ten
// milliseconds, and must strike all arms: with turns of 5 ms a block's ratio spread a third as
// much. Turns of a single hit spread still less, but then every hit finds the caches of another
// process, and everything, telemetry included, costs a tenth more than it does where a service has
// its core to itself for a while.
const turn = 12

// turns is who gets which hit of a block's load.
type turns struct {
	arm   []uint8  // by number of the hit
	hit   []uint64 // which of the plan's hits it is
	each  uint64   // hits of every arm
	first uint64   // of the plan's hits that are used
}

// deal deals about so many hits out: rounds in which every arm has a turn, in a random order and
// then in the reverse, so that what changes evenly with time strikes all alike. In a round, every
// arm gets the same hits. The same seed and number give the same turns.
func deal(seed, number uint64, arms int, hits float64) turns {
	dice := rand.New(rand.NewPCG(seed, number))
	pairs := max(1, int(hits/float64(2*arms*turn)+0.5))
	t := turns{each: uint64(2 * pairs * turn), first: number * uint64(2*pairs*turn)}
	for pair := range pairs {
		order := dice.Perm(arms)
		for i := range 2 * arms {
			arm, round := order[min(i, 2*arms-1-i)], 2*pair+i/arms
			for j := range turn {
				t.arm = append(t.arm, uint8(arm))
				t.hit = append(t.hit, t.first+uint64(round*turn+j))
			}
		}
	}
	return t
}

func (t turns) route(n uint64) (arm int, hit uint64) { return int(t.arm[n]), t.hit[n] }

// send carries the turns out and gives what came of them, by arm.
func (x *experiment) send(ctx context.Context, t turns) ([]*load.Ledger, error) {
	ledgers := make([]*load.Ledger, len(x.services))
	for i := range ledgers {
		ledgers[i] = load.NewLedger(x.plan, x.Scenario.Secrets()...)
	}
	even := pace.Constant{Rate: pace.Rate(x.record.Design.Load * float64(pace.PerSecond))}
	even.Duration = even.At(uint64(len(t.arm)))
	hits := pace.NewSchedule(even)
	if err := x.targets.Run(ctx, hits, t.route, ledgers, x.Stop); err != nil {
		return nil, err
	}
	for i, s := range x.services {
		if how := s.Died(); how != "" {
			return nil, fmt.Errorf("arm %s %s%s", x.Arms[i].Name, how, s.Tail())
		}
	}
	if x.stopped() {
		return nil, errStopped
	}
	return ledgers, nil
}

// account enters what the client saw.
func (m *Measurement) account(from load.Snapshot, planned uint64) {
	m.Planned, m.Answers, m.Lag = planned, map[string]uint64{}, seconds(from.Lag.Quantile(0.99))
	// then hits were late for want of a connection, and that is no load as planned either
	if from.Waiting.Count()*100 > planned {
		m.Lag = max(m.Lag, seconds(from.Waiting.Quantile(0.99)))
	}
	service := load.NewHistogram()
	for _, row := range from.Rows {
		m.Hits += row.Hits
		m.Bytes += row.BytesIn
		m.Answers[answer(row)] += row.Hits
	}
	for _, t := range from.Timings {
		service.Merge(t.Service)
	}
	m.P50, m.P99 = seconds(service.Quantile(0.5)), seconds(service.Quantile(0.99))
}

// answer names what came of a hit: its request and status, or what went wrong.
func answer(row load.Row) string {
	if row.Outcome == hit.Answered {
		return row.Request.Name.Value + " " + strconv.Itoa(row.Status)
	}
	return row.Request.Name.Value + " " + string(row.Outcome)
}

func (a *account) add(m Measurement) {
	a.hits += m.Hits
	if a.answers == nil {
		a.answers = map[string]uint64{}
	}
	for answer, n := range m.Answers {
		a.answers[answer] += n
	}
}

// planned draws up more hits of a scenario's requests than an experiment can have.
func planned(s *scenarios.Scenario, seed uint64) (*scenarios.Plan, error) {
	stretch := *s
	stretch.Warmup = nil
	if err := stretch.Restage("24h@100000"); err != nil {
		return nil, err
	}
	return stretch.Plan(seed)
}

// rest lets all arms be idle, and tells what they use all the same: after a while for work that is
// done later, which belongs to the hits.
func (x *experiment) rest(ctx context.Context) error {
	if err := pause(ctx, x.Settle); err != nil {
		return err
	}
	before, err := x.clocks()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := pause(ctx, restTime); err != nil {
		return err
	}
	after, err := x.clocks()
	if err != nil {
		return err
	}
	r := Rest{Session: x.session, Seconds: seconds(time.Since(began))}
	for i := range after {
		r.CPU = append(r.CPU, seconds(after[i]-before[i]))
	}
	x.record.Rests = append(x.record.Rests, r)
	return nil
}

// restTime is how long the arms rest in every session; there are many.
const restTime = 300 * time.Millisecond

// clocks reads the arms' CPU clocks, close together.
func (x *experiment) clocks() ([]time.Duration, error) {
	list := make([]time.Duration, len(x.services))
	for i, s := range x.services {
		var err error
		if list[i], err = process.CPU(served(s)); err != nil {
			return nil, fmt.Errorf("arm %s %s%s", x.Arms[i].Name, s.Died(), s.Tail())
		}
	}
	return list, nil
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
