package record

import (
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/machine"
	"brrtload/internal/process"
)

// writeMachine writes what the CPUs did, so that the share of others is known.
func (c *Client) writeMachine(b *evidence.Batch) {
	now := machine.Now()
	if now.Busy() == 0 {
		return
	}
	b.AddCounter(Named(seriesBusy), now.Busy())
	b.AddCounter(Named(seriesPressure), now.Waiting())
	b.Add(Named(seriesMachineCPUs), float64(machine.CPUs()))
	var used time.Duration
	for _, pid := range c.Served.All {
		if cpu, err := process.CPU(pid); err == nil {
			used += cpu
		}
	}
	if len(c.Served.All) > 0 {
		b.AddCounter(Named(seriesAllOfTarget), used.Seconds())
	}
}
