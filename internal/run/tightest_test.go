package run

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// costly is a budget that takes some time to judge.
type costly struct {
	id     string
	takes  time.Duration
	margin float64
	used   *time.Duration // by all looks at all of them
}

func (c costly) About() (a assertions.About) {
	a.ID, a.Window, a.Limits = c.id, facts.Run, assertions.Limits{{}}
	return a
}

func (c costly) Judge(context.Context, facts.Evidence) ([]assertions.Finding, error) {
	time.Sleep(c.takes)
	*c.used += c.takes
	return []assertions.Finding{{Margin: &c.margin}}, nil
}

// However long a look at a budget takes, they take a two-hundredth of a core at most, and all of them
// are looked at.
func TestBudgetsAreLookedAtForATwoHundredthOfTheTime(t *testing.T) {
	for _, takes := range []time.Duration{time.Millisecond, 20 * time.Millisecond, 300 * time.Millisecond} {
		t.Run(takes.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var used time.Duration
				budgets := tightest{underWay: func(now time.Time) []facts.Window {
					return []facts.Window{{Name: facts.Run, Start: now.Add(-time.Hour), End: now}}
				}}
				for i := range 12 {
					budgets.among = append(budgets.among,
						costly{fmt.Sprintf("b%d", i), takes, 0.9 - float64(i)/20, &used})
				}
				began, seen := time.Now(), ""
				for time.Since(began) < time.Hour {
					time.Sleep(time.Second)
					seen = budgets.look(t.Context(), "steady")
				}
				require.Equal(t, "b11 35 % left", seen)
				require.Len(t, budgets.room, len(budgets.among))
				require.LessOrEqual(t, used, time.Since(began)/200+max(takes, 6*time.Millisecond), "and one look")
				require.Greater(t, used, 20*takes)
			})
		})
	}
}
