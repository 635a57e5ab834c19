// Package expected says how a run must end on each fault that is made on purpose.
//
// Tests make every row and compare; package gen writes the tables of the documentation from the same
// rows.
package expected

// Trouble is something that goes wrong, and how the run ends then.
type Trouble struct {
	Name   string
	Status int      // the exit status
	Says   []string // words that the report or the message has
}

// Caught is a fault of the bundled service that a shipped scenario notices.
type Caught struct {
	Scenario, Fault string
	By              string // the budget that fails; empty where the service cannot be reached any longer
}
