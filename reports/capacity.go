package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"brrtload/internal/quantity"
	"brrtload/reports/fit"
)

// Capacity is up to which rate a service's budgets hold. Rates are hits per second.
type Capacity struct {
	Min       float64         `json:"min"`       // the search began here
	Max       float64         `json:"max"`       // and would have ended here
	Precision float64         `json:"precision"` // of the knee, as a share
	Low       float64         `json:"low"`       // the highest rate that holds
	High      float64         `json:"high,omitempty"`
	Knee      float64         `json:"knee,omitempty"`  // between the two, in the middle by their ratio
	Limit     string          `json:"limit"`           // service, generator, undecided, minimum, none
	Broke     []CapacityBroke `json:"broke,omitempty"` // the first one first
	Probes    []CapacityProbe `json:"probes"`          // in their order
}

// What limits the rate.
const (
	LimitService   = "service"   // a budget breaks at High
	LimitGenerator = "generator" // at High the load was not generated as planned: the service may bear more
	LimitUndecided = "undecided" // at High a budget had too few observations, in the longest probe too
	LimitMinimum   = "minimum"   // a budget breaks at the lowest rate of the search
	LimitNone      = "none"      // all budgets hold at the highest rate of the search
)

// What a probe showed of its rate.
const (
	RateHolds     = "holds"
	RateBreaks    = "breaks"
	RateUndecided = "undecided" // a budget had too few observations
	RateUnclear   = "unclear"   // the generator, or the machine, was not fit
)

// CapacityProbe is one run at a rate.
type CapacityProbe struct {
	Rate      float64          `json:"rate"`
	Standing  string           `json:"standing"` // holds, breaks, undecided, unclear
	Generator bool             `json:"generator,omitempty"`
	Reason    string           `json:"reason"`
	Seconds   float64          `json:"seconds"`
	Planned   uint64           `json:"planned"`
	Sent      uint64           `json:"sent"`
	Done      float64          `json:"done"`   // per second, in the steady phase
	Errors    float64          `json:"errors"` // share of the steady phase's hits
	Latency   Quantiles        `json:"latency"`
	Budgets   []CapacityBudget `json:"budgets"`
	Directory string           `json:"directory"`
}

// CapacityBudget is what a budget measured in a probe.
type CapacityBudget struct {
	ID       string  `json:"id"`
	Measured float64 `json:"measured"`
	Operator string  `json:"operator"`
	Limit    float64 `json:"limit_of_budget"`
	Unit     string  `json:"unit,omitempty"`
	Failed   bool    `json:"failed,omitempty"`
}

// CapacityBroke is a budget with the lowest rate at which it failed.
type CapacityBroke struct {
	CapacityBudget
	Rate float64 `json:"rate"`
}

// Over returns by which factor of its limit a budget is used; a limit of 0 is used up by anything.
func (b CapacityBudget) Over() float64 {
	switch {
	case b.Limit == 0 && b.Measured == 0:
		return 0
	case b.Limit == 0:
		return math.Inf(1)
	case b.Operator == ">" || b.Operator == ">=":
		return b.Limit / b.Measured
	}
	return b.Measured / b.Limit
}

// Text returns what the budget measured, and its limit.
func (b CapacityBudget) Text() string {
	return fmt.Sprintf("%s %s, must be %s %s", fit.Line(b.ID, fit.IdWidth), quantity.Show(b.Measured, b.Unit), b.Operator,
		quantity.Show(b.Limit, b.Unit))
}

// PerSecond shows a rate of hits.
func PerSecond(rate float64) string { return quantity.Count(rate) + " hits/s" }

// Sentence returns the finding in one sentence.
func (c Capacity) Sentence() string {
	first := ""
	if len(c.Broke) > 0 {
		first = ": " + c.Broke[0].Text()
	}
	switch {
	case len(c.Probes) == 0:
		return "no rate was probed"
	case c.Limit == LimitService:
		return fmt.Sprintf("the budgets hold at %s and break at %s%s", PerSecond(c.Low), PerSecond(c.High), first)
	case c.Limit == LimitMinimum:
		return fmt.Sprintf("the budgets break at the lowest rate, %s%s", PerSecond(c.High), first)
	case c.Limit == LimitGenerator && c.Low == 0:
		return fmt.Sprintf("the generator or the machine was unfit at the lowest rate, %s; use a quieter machine", PerSecond(c.High))
	case c.Limit == LimitGenerator:
		return fmt.Sprintf("the budgets hold at %s; at %s the generator or the machine was unfit, and the service may bear more; "+
			"use a larger machine, or shards", PerSecond(c.Low), PerSecond(c.High))
	case c.Limit == LimitUndecided && c.Low == 0:
		return fmt.Sprintf("the budgets are undecided at the lowest rate, %s; give a longer --probe or a higher --min: %s",
			PerSecond(c.High), c.undecided())
	case c.Limit == LimitUndecided:
		return fmt.Sprintf("the budgets hold at %s and are undecided at %s; give a longer --probe: %s",
			PerSecond(c.Low), PerSecond(c.High), c.undecided())
	default:
		return fmt.Sprintf("the budgets hold at %s, the highest rate of the search", PerSecond(c.Low))
	}
}

// undecided returns why the last probe of the rate that is undecided decided nothing.
func (c Capacity) undecided() (reason string) {
	for _, p := range c.Probes {
		if p.Rate == c.High {
			reason = fit.Line(p.Reason, 200)
		}
	}
	return reason
}

// Sentence returns what the probe showed.
func (p CapacityProbe) Sentence() string {
	text := fmt.Sprintf("%s (p99 %s)", p.Standing, quantity.Seconds(p.Latency.P99))
	for _, b := range p.Budgets {
		if b.Failed {
			return text + ": " + b.Text()
		}
	}
	if p.Standing != RateHolds {
		text += ": " + fit.Line(p.Reason, 200)
	}
	return text
}

// ByRate returns the probes from the lowest rate.
func (c *Capacity) ByRate() []CapacityProbe {
	return slices.SortedStableFunc(slices.Values(c.Probes), func(a, b CapacityProbe) int { return cmp.Compare(a.Rate, b.Rate) })
}
