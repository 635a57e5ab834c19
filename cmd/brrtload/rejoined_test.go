package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dense returns a text without its spaces.
func dense(text string) string { return strings.Join(strings.Fields(text), "") }

// rejoined returns what init prints with the cells of its table in one piece, without spaces: a cell
// that was too wide goes on in the next lines, where the first column is empty.
func rejoined(out string) string {
	var text strings.Builder
	var cells []string
	var starts []int
	flush := func() {
		text.WriteString(dense(strings.Join(cells, "")) + "\n")
		cells = nil
	}
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		if starts == nil { // the first line has no cell that is cut
			for _, at := range regexp.MustCompile(`(?:^|  )\S`).FindAllStringIndex(line, -1) {
				starts = append(starts, at[1]-1)
			}
		}
		if !strings.HasPrefix(line, "  ") {
			flush()
			cells = make([]string, len(starts))
		}
		for i, from := range starts {
			to := len(line)
			if i+1 < len(starts) {
				to = min(to, starts[i+1])
			}
			if from < to {
				cells[i] += line[from:to] + " "
			}
		}
	}
	flush()
	return text.String()
}

func TestRejoined(t *testing.T) {
	require.Equal(t, "\nprocessmetricsareofthosethatserveports\nlabelstatusnames\nwrotea.yaml\n",
		rejoined("process  metrics are of  ports\n         those that\n         serve\nlabel    status          names\nwrote a.yaml\n"))
}
