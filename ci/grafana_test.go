package ci

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"brrtload/assertions/promql"
)

// The dashboard asks for series that brrtload writes, of the runs that are chosen, in PromQL that
// parses.
func TestTheDashboardAsksForWhatBrrtloadWrites(t *testing.T) {
	text, err := os.ReadFile("grafana/brrtload.json")
	require.NoError(t, err)
	var dashboard struct {
		Title      string
		Templating struct{ List []struct{ Name string } }
		Panels     []struct {
			Title, Description string
			ID                 int
			GridPos            struct{ X, Y int }
			Targets            []struct{ RefID, Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &dashboard))
	require.Equal(t, "run", dashboard.Templating.List[1].Name)
	places := map[[2]int]bool{}
	for _, panel := range dashboard.Panels {
		require.NotEmpty(t, panel.Description, panel.Title)
		at := [2]int{panel.GridPos.X, panel.GridPos.Y}
		require.False(t, places[at], "%s lies over another panel", panel.Title)
		places[at] = true
		require.NotEmpty(t, panel.Targets, panel.Title)
		for _, target := range panel.Targets {
			expr, err := parser.NewParser(parser.Options{}).ParseExpr(strings.NewReplacer("$__rate_interval", "1m", "$run", "x").Replace(target.Expr))
			require.NoError(t, err, target.Expr)
			parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
				if selector, ok := node.(*parser.VectorSelector); ok {
					require.Contains(t, promql.ClientSeries(), selector.Name, target.Expr)
					require.Contains(t, selector.String(), `brrtload_run=~"x"`, target.Expr)
				}
				return nil
			})
		}
	}
}
