package assertions_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

func TestEveryShippedPackLoadsAndSaysWhy(t *testing.T) {
	require.NotEmpty(t, assertions.Packs())
	var all []assertions.Assertion
	for _, name := range assertions.Packs() {
		list, err := assertions.Pack(name)
		require.NoError(t, err, name)
		require.NotEmpty(t, list, name)
		for _, a := range list {
			require.NotEmpty(t, a.About().Why, "%s: %s says no reason", name, a.About().ID)
		}
		if name != "truth" && name != "brrtrouter" { // what is asked of every run gives way to what a scenario asks for
			all = append(all, list...)
		}
	}
	require.NoError(t, assertions.Unique(all), "packs are used together")
}

func TestAnUnknownPackIsNamedWithItsNearest(t *testing.T) {
	_, err := assertions.Pack("steck")
	require.EqualError(t, err, `no pack named "steck"; did you mean "stack"?`)
}
