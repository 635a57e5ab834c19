package checks_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/quantity"
)

func TestQuantitiesAreReadIntoBaseUnitsAndDressedAgain(t *testing.T) {
	for text, want := range map[string]struct {
		quantity quantity.Quantity
		dressed  string
	}{
		"64":     {quantity.Quantity{Value: 64}, "64"},
		"250ms":  {quantity.Of(0.25, "s"), "250 ms"},
		"40us":   {quantity.Of(0.00004, "s"), "40 µs"},
		"40µs":   {quantity.Of(0.00004, "s"), "40 µs"},
		"5ns":    {quantity.Of(5e-9, "s"), "5 ns"},
		"2min":   {quantity.Of(120, "s"), "2 min"},
		"80%":    {quantity.Of(0.8, "ratio"), "80 %"},
		"16KiB":  {quantity.Of(16384, "B"), "16 KiB"},
		"16 KiB": {quantity.Of(16384, "B"), "16 KiB"},
		"1MB":    {quantity.Of(1e6, "B"), "977 KiB"},
		"1600":   {quantity.Quantity{Value: 1600}, "1,600"},
		"1e6":    {quantity.Quantity{Value: 1e6}, "1,000,000"},
		"-1.5":   {quantity.Quantity{Value: -1.5}, "-1.5"},
		"0s":     {quantity.Of(0, "s"), "0 s"},
	} {
		got, err := quantity.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want.quantity, got, text)
		require.Equal(t, want.dressed, got.String(), text)
	}
}

func FuzzParseQuantity(f *testing.F) {
	for _, text := range []string{"64", "250ms", "80%", "16KiB", "-1e9", "1.2.3", "+5 s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := quantity.Parse(text)
		if err == nil && q.Value != 0 && (q.String() == "0" || math.IsNaN(q.Value)) {
			t.Fatalf("%q reads as %v and shows as %q", text, q, q)
		}
	})
}
