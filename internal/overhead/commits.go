package overhead

import (
	"debug/buildinfo"
	"fmt"
)

// differentCommits objects to arms of the bundled pair that were built from different commits:
// their difference is not the telemetry alone.
func differentCommits(arms []Arm) []string {
	first := ""
	for _, a := range arms {
		if !a.Command.Bundled {
			return nil
		}
		info, err := buildinfo.ReadFile(a.Command.Path)
		if err != nil {
			continue // not built by Go, or stripped of what it was built from
		}
		for _, s := range info.Settings {
			if s.Key != "vcs.revision" {
				continue
			}
			if first == "" {
				first = s.Value
			}
			if s.Value != first {
				return []string{fmt.Sprintf("%s is built from commit %.12s, the baseline from %.12s: build both from one", a.Name, s.Value, first)}
			}
		}
	}
	return nil
}
