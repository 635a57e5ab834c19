package ci

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/reports"
)

// output appends the step's outputs: the verdict, how many checks came to each bad one, where the
// Markdown report is, and the exit status. A run that no check keeps from passing, such as one that
// was interrupted, counts itself: the numbers alone must not look like those of a good one.
func output(env Environment, r reports.Report, dir string) error {
	if env.Output == "" {
		return nil
	}
	counts := map[assertions.Verdict]int{}
	for _, c := range reports.Broken(r) {
		if reports.Decides(c) {
			counts[c.Verdict]++
		}
	}
	if r.Verdict != assertions.Pass {
		counts[r.Verdict] = max(1, counts[r.Verdict])
	}
	// A line break in a path would begin another output.
	path := strings.ReplaceAll(diag.Printable(filepath.Join(dir, "report.md")), "\n", "\uFFFD")
	file, err := os.OpenFile(env.Output, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("step outputs: %w", err)
	}
	_, err = fmt.Fprintf(file,
		"verdict=%s\nfailed=%d\ninconclusive=%d\nuntruthful=%d\nreport-path=%s\nexit-status=%d\n",
		r.Verdict, counts[assertions.Fail], counts[assertions.Inconclusive]+counts[assertions.DoesNotFit], counts[assertions.Untruthful], path, r.Status)
	return errors.Join(err, file.Close())
}
