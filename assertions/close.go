package assertions

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Close says that what the service reports of itself is what an observer saw from outside: its CPU time against the kernel's clock of the process.
type Close struct {
	Reported  Query  `yaml:"reported,required"`  // PromQL, of the service
	Observed  Query  `yaml:"observed,required"`  // PromQL, of an observer outside the service
	Tolerance Amount `yaml:"tolerance,required"` // as a share of what was observed
	AtLeast   Amount `yaml:"at_least"`           // a difference below this is none
	In        string `yaml:"in"`                 // run when empty
}

// Amount is a quantity in YAML: "10%", "16MiB".
type Amount struct{ Quantity }

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Amount) UnmarshalText(text []byte) (err error) {
	a.Quantity, err = ParseQuantity(string(text))
	return err
}

func (c *Close) window() string {
	if c.In == "" {
		return Run
	}
	return c.In
}

func (c *Close) metrics() []string { return c.Reported.metrics() }
func (c *Close) query() string     { return c.Reported.String() }

func (c *Close) judge(ctx context.Context, e Evidence, w Window) ([]Finding, error) {
	observed, known, err := single(ctx, e, w, c.Observed)
	if err != nil {
		return nil, err
	}
	if !known {
		return []Finding{{Verdict: NotApplicable, Text: "nobody observed it from outside"}}, nil
	}
	if slices.ContainsFunc(c.Observed.metrics(), func(m string) bool { return strings.HasPrefix(m, "brrtload_target_") }) {
		if why, err := otherProcess(ctx, e, w); err != nil || why != "" {
			return []Finding{{Verdict: NotApplicable, Text: why}}, err
		}
	}
	for _, metric := range c.metrics() {
		if there, err := present(ctx, e, w, metric); err != nil || !there {
			return []Finding{{Verdict: NotApplicable, Text: fmt.Sprintf("%s is not exposed", metric)}}, err
		}
	}
	reported, known, err := single(ctx, e, w, c.Reported)
	if err != nil {
		return nil, err
	}
	if !known {
		return []Finding{{Verdict: Untruthful, Text: fmt.Sprintf("%s gives no single value", c.Reported)}}, nil
	}
	f := Finding{Measured: &reported, Unit: c.AtLeast.Unit, Text: fmt.Sprintf("%s reported, %s observed",
		Quantity{reported, c.AtLeast.Unit}, Quantity{observed, c.AtLeast.Unit})}
	if math.Abs(reported-observed) > max(c.Tolerance.Value*math.Abs(observed), c.AtLeast.Value) {
		f.Verdict = Untruthful
		f.Text += fmt.Sprintf(", further apart than %s", c.Tolerance)
	}
	return []Finding{f}, nil
}
