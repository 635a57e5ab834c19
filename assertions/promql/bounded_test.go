package promql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/diag"
)

// What a scenario of a stranger asks for is checked in short time, however long it is.
func TestAnExpressionIsBounded(t *testing.T) {
	for name, row := range map[string]struct{ expr, want string }{
		"20,000 terms":          {strings.Repeat("up + ", 20_000) + "up", "an expression of 100002 bytes, longer than 32768"},
		"16,000 terms":          {strings.Repeat("1+", 16_000) + "1", "nests more than 5000 deep"},
		"a chain of 4,000":      {strings.Repeat("up + ", 4000) + "up", ""},
		"4,900 parentheses":     {strings.Repeat("(", 4900) + "up" + strings.Repeat(")", 4900), ""},
		"a list of 2,000 names": {`{instance=~"` + strings.Repeat("host-123|", 2000) + `x"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			q := Query{Text: diag.Text{Value: row.expr}}
			err := q.Parse()
			if row.want == "" {
				require.NoError(t, err)
				require.NotEmpty(t, q.Selectors())
				return
			}
			require.ErrorContains(t, err, row.want)
		})
	}
}
