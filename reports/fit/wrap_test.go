package fit

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrap(t *testing.T) {
	for _, row := range []struct {
		text  string
		width int
		want  []string
	}{
		{"fits", 4, []string{"fits"}},
		{"at a space when there is one", 12, []string{"at a space", "when there", "is one"}},
		{"brrtrouter_requests_total", 12, []string{"brrtrouter_", "requests_", "total"}},
		{"unbreakable", 4, []string{"unbr", "eaka", "ble"}},
		{"世界世界", 4, []string{"世界", "世界"}},
		{"世界", 1, []string{"世", "界"}},
		{"exactly ten", 7, []string{"exactly", "ten"}},
		{"no width", 0, []string{"no width"}},
	} {
		require.Equal(t, row.want, Wrap(row.text, row.width), row.text)
	}
}
