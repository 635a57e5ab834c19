package assertions_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

func TestQuantitiesAreReadIntoBaseUnitsAndDressedAgain(t *testing.T) {
	for text, want := range map[string]struct {
		quantity assertions.Quantity
		dressed  string
	}{
		"64":     {assertions.Quantity{Value: 64}, "64"},
		"250ms":  {assertions.Quantity{Value: 0.25, Unit: "s"}, "250 ms"},
		"40us":   {assertions.Quantity{Value: 0.00004, Unit: "s"}, "40 µs"},
		"40µs":   {assertions.Quantity{Value: 0.00004, Unit: "s"}, "40 µs"},
		"5ns":    {assertions.Quantity{Value: 5e-9, Unit: "s"}, "5 ns"},
		"2min":   {assertions.Quantity{Value: 120, Unit: "s"}, "2 min"},
		"80%":    {assertions.Quantity{Value: 0.8, Unit: "ratio"}, "80 %"},
		"16KiB":  {assertions.Quantity{Value: 16384, Unit: "B"}, "16 KiB"},
		"16 KiB": {assertions.Quantity{Value: 16384, Unit: "B"}, "16 KiB"},
		"1MB":    {assertions.Quantity{Value: 1e6, Unit: "B"}, "977 KiB"},
		"1600":   {assertions.Quantity{Value: 1600}, "1,600"},
		"1e6":    {assertions.Quantity{Value: 1e6}, "1,000,000"},
		"-1.5":   {assertions.Quantity{Value: -1.5}, "-1.5"},
		"0s":     {assertions.Quantity{Value: 0, Unit: "s"}, "0 s"},
	} {
		got, err := assertions.ParseQuantity(text)
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
		q, err := assertions.ParseQuantity(text)
		if err == nil && q.Value != 0 && (q.String() == "0" || math.IsNaN(q.Value)) {
			t.Fatalf("%q reads as %v and shows as %q", text, q, q)
		}
	})
}

func FuzzLoad(f *testing.F) {
	f.Add("budgets: [{id: a, expr: max(depth), must: \"< 64\"}]")
	f.Add(identity)
	f.Add("rules: [a.yaml]")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := assertions.Load(files{"a.yaml": text}.fs(), "a.yaml")
		if err != nil && err.Error() == "" {
			t.Fatal("an error without a message")
		}
		for _, a := range list {
			if err == nil && a.About().ID == "" {
				t.Fatal("an assertion without an id")
			}
		}
	})
}
