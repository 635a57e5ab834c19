package reports

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

func TestExitStatusPutsTheWorstFirst(t *testing.T) {
	for _, row := range []struct {
		end     End
		verdict assertions.Verdict
		want    int
	}{
		{Completed, assertions.Pass, 0},
		{Completed, assertions.Fail, 1},
		{Completed, assertions.Untruthful, 3},
		{Completed, assertions.Inconclusive, 4},
		{Completed, assertions.Error, 70},
		{Aborted, assertions.Fail, 1},
		{TargetDied, assertions.Untruthful, 5},
		{Unreachable, assertions.Pass, 5},
		{Interrupted, assertions.Untruthful, 130},
	} {
		require.Equal(t, row.want, ExitStatus(row.end, row.verdict), "%s, %s", row.end, row.verdict)
	}
}
