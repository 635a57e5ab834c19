package scrape

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSameRateOfStretchesThatDifferInLength(t *testing.T) {
	for name, row := range map[string]struct {
		a, b  travel
		moves float64
		same  bool
	}{
		"equally long":                  {travel{12, 2.5}, travel{13, 2.5}, 25, true},
		"one is twice as long":          {travel{12, 2.5}, travel{25, 4.9}, 37, true},
		"as far in twice the time":      {travel{60, 2.5}, travel{60, 5}, 120, false},
		"a quarter of it":               {travel{40, 2.5}, travel{10, 2.5}, 50, false},
		"few moves may differ by more":  {travel{1, 2.5}, travel{4, 2.5}, 5, true},
		"it came to rest":               {travel{12, 2.5}, travel{0, 2.5}, 12, false},
		"no time has passed since then": {travel{12, 2.5}, travel{12, 0}, 24, false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, row.same, sameRate(row.a, row.b, 1, row.moves)) })
	}
}
