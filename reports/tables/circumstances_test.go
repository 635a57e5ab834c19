package tables

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
)

func TestStartsThatResembleEachOtherCountForLess(t *testing.T) {
	said := func(factor int) string {
		var table Table
		experiment(&table, &reports.Overhead{Blocks: 26, Sessions: 26, Factor: factor})
		return table.Rows[0].Cells[1]
	}
	require.Contains(t, said(1), "26 blocks used, 0 left out, in 26 starts of the arms; ")
	require.Contains(t, said(2), "26 starts of the arms, which resemble their neighbours and count as 13; ")
}
