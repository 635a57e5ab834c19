package assertions

import "brrtload/internal/diag"

// Settle gives the check its findings and the verdict of its worst finding.
func (c *Check) Settle(findings []Finding) {
	c.Findings, c.Verdict = findings, NotApplicable
	for _, f := range findings {
		c.Verdict = c.Verdict.Worse(f.Verdict)
	}
	worst, ok := c.Worst()
	if !ok {
		c.Verdict, worst.Text = Inconclusive, "nothing was looked at"
	}
	c.Reason = worst.Text
	// A pack, and what follows from a scenario, is for services with certain metrics; a contract
	// says which this one must have.
	if _, shipped := c.Position.Shipped(); (shipped || c.Position == (diag.Position{})) && c.Verdict == DoesNotFit {
		c.Verdict = NotApplicable
	}
}
