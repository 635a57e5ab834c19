package run

import (
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/machine"
	"brrtload/internal/process"
)

// writeMachine writes what the CPUs did, so that the share of others is known.
func (c *client) writeMachine(b *evidence.Batch) {
	now := machine.Now()
	if now.Busy() == 0 {
		return
	}
	b.AddCounter(named(seriesBusy), now.Busy())
	b.AddCounter(named(seriesPressure), now.Waiting())
	b.Add(named(seriesMachineCPUs), float64(machine.CPUs()))
	var used time.Duration
	for _, pid := range c.served.all {
		if cpu, err := process.CPU(pid); err == nil {
			used += cpu
		}
	}
	if len(c.served.all) > 0 {
		b.AddCounter(named(seriesAllOfTarget), used.Seconds())
	}
}
