package ci

import (
	"errors"
	"fmt"
	"os"

	"brrtload/reports"
	"brrtload/reports/formats"
)

// maxSummary is what GitHub takes as the summary of one step, in bytes; a longer one is not shown
// at all.
const maxSummary = 1 << 20

// minSummary is the least room, in bytes, that a report makes sense in.
const minSummary = 1000

// summarize appends the report to the job summary, within the room that others have left there.
func summarize(env Environment, r reports.Report) error {
	if env.Summary == "" {
		return nil
	}
	file, err := os.OpenFile(env.Summary, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("job summary: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("job summary: %w", errors.Join(err, file.Close()))
	}
	room := maxSummary - int(info.Size())
	if room < minSummary {
		return errors.Join(fmt.Errorf("job summary: %d bytes are left of %d", room, maxSummary), file.Close())
	}
	return errors.Join(formats.MarkdownWithin(file, r, room), file.Close())
}
