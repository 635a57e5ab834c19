package quantity

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShow(t *testing.T) {
	for _, c := range []struct {
		value float64
		unit  string
		want  string
	}{
		{0, "", "0"},
		{7, "", "7"},
		{1600, "", "1,600"},
		{-160, "", "-160"},
		{-1234567, "", "-1,234,567"},
		{123456789012, "", "123,456,789,012"},
		{0.5, "", "0.5"},
		{161.84, "", "162"},
		{1234.56, "", "1,235"},
		{12.345, "", "12.3"},
		{0.00123456, "", "0.00123"},
		{1.5e-7, "", "1.5e-07"},
		{1e300, "", "1e+300"},
		{math.NaN(), "", "NaN"},
		{math.Inf(1), "s", "∞"},
		{math.Inf(-1), "B", "-∞"},

		{0, "s", "0 s"},
		{40e-6, "s", "40 µs"},
		{0.0123, "s", "12.3 ms"},
		{0.9994, "s", "999 ms"},
		{0.99951, "s", "1 s"},
		{-0.25, "s", "-250 ms"},
		{3e-9, "s", "3 ns"},
		{2e-10, "s", "0.2 ns"},
		{59.99, "s", "1 min"},
		{90, "s", "1.5 min"},
		{3600, "s", "1 h"},
		{360_000, "s", "100 h"},

		{0, "B", "0 B"},
		{16 << 10, "B", "16 KiB"},
		{16385, "B", "16 KiB"},
		{1023, "B", "1,023 B"},
		{48_812, "B", "47.7 KiB"},
		{512 << 20, "B", "512 MiB"},

		{0, "ratio", "0 %"},
		{0.42, "ratio", "42 %"},
		{0.07, "ratio", "7 %"},
		{0.0004, "ratio", "0.04 %"},
		{-0.28125, "ratio", "-28.1 %"},
		{12, "ratio", "1,200 %"},

		{3.5, "furlongs", "3.5 furlongs"},
	} {
		require.Equal(t, c.want, Show(c.value, c.unit), "%g %s", c.value, c.unit)
	}
}

func TestNothingButZeroIsShownAsZero(t *testing.T) {
	for _, unit := range []string{"", "s", "B", "ratio"} {
		for exponent := -300; exponent < 300; exponent++ {
			text := Show(math.Pow10(exponent)*1.23, unit)
			require.False(t, strings.HasPrefix(text, "0 ") || text == "0", "1.23e%d %s is shown as %q", exponent, unit, text)
		}
	}
}

func TestPairTellsValuesApart(t *testing.T) {
	for _, c := range []struct {
		v, w         float64
		unit         string
		wantV, wantW string
	}{
		{0.2504, 0.25, "s", "250.4 ms", "250 ms"},
		{16385, 16384, "B", "16.001 KiB", "16 KiB"},
		{0.80004, 0.8, "ratio", "80.004 %", "80 %"},
		{15.9996, 16, "", "15.9996", "16"},
		{41, 32, "", "41", "32"},
		{0.25, 0.25, "s", "250 ms", "250 ms"},
		{math.NaN(), 1, "", "NaN", "1"},
	} {
		v, w := Pair(c.v, c.w, c.unit)
		require.Equal(t, []string{c.wantV, c.wantW}, []string{v, w})
	}
}

func FuzzPair(f *testing.F) {
	f.Add(0.2504, 0.25)
	f.Add(1e-320, 0.0)
	f.Add(math.MaxFloat64, math.Inf(1))
	f.Fuzz(func(t *testing.T, v, w float64) {
		if a, b := Pair(v, w, ""); v < w || v > w {
			require.NotEqual(t, a, b)
		}
	})
}

func BenchmarkShow(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Show(0.0123, "s")
	}
}
