package suite

import (
	"errors"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/internal/diag"
	"brrtload/scenarios"
)

// trace puts the tool of the command line instead of the scenario's, and wants one that can see the
// target that the changes have made.
func (c Changes) trace(s *scenarios.Scenario) error {
	if c.Memory == "" {
		return s.CheckMemory()
	}
	flag := diag.FlagText("--memory", c.Memory)
	var tool scenarios.MemoryTool
	if err := tool.UnmarshalText([]byte(c.Memory)); err != nil {
		return flag.Errorf("%s", err)
	}
	if s.Memory == nil || s.Memory.Tool != tool {
		s.Memory = &scenarios.Memory{Tool: tool}
	}
	var list diag.List
	if errors.As(s.CheckMemory(), &list) {
		return flag.Errorf("%s", list[0].Message)
	}
	return nil
}

// traced adds the check that the tool of a scenario saw the target's memory.
func traced(list []assertions.Assertion, s *scenarios.Scenario) []assertions.Assertion {
	if s.Memory == nil {
		return list
	}
	return fill(list, []assertions.Assertion{checks.Traced{}})
}
