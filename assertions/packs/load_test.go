package packs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/packs"
)

func TestEveryShippedPackLoadsAndSaysWhy(t *testing.T) {
	require.NotEmpty(t, packs.Names())
	var all []assertions.Assertion
	for _, name := range packs.Names() {
		list, err := packs.Read(name)
		require.NoError(t, err, name)
		require.NotEmpty(t, list, name)
		for _, a := range list {
			require.NotEmpty(t, a.About().Why, "%s: %s says no reason", name, a.About().ID)
		}
		if name != "truth" && name != "targetsvc" && name != "brrtrouter-rust" { // what is asked of every run gives way to what a scenario asks for
			all = append(all, list...)
		}
	}
	require.NoError(t, packs.Unique(all), "packs are used together")
}

func TestAnUnknownPackIsNamedWithItsNearest(t *testing.T) {
	_, err := packs.Read("steck")
	require.EqualError(t, err, `no pack named "steck"; did you mean "stack"?`)
}

func TestARenamedPackIsNamed(t *testing.T) {
	_, err := packs.Read("brrtrouter")
	require.EqualError(t, err, `no pack named "brrtrouter"; it is called "targetsvc" now, and the pack for BRRTRouter itself is "brrtrouter-rust"`)
	require.NotContains(t, packs.Names(), "brrtrouter")
}
