package pace

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	s, err := Parse("30s@50, 1m@50..500,5s@0,10s@90/m,1s@max")
	require.NoError(t, err)
	require.Equal(t, []Stage{
		Constant{50 * PerSecond, 30 * time.Second}, Ramp{50 * PerSecond, 500 * PerSecond, time.Minute},
		Pause{5 * time.Second}, Constant{3 * PerSecond / 2, 10 * time.Second}, Max{Duration: time.Second},
	}, s.Stages())
}

func TestParseRefuses(t *testing.T) {
	for name, row := range map[string]struct{ line, want string }{
		"nothing":             {"", "want DURATION@RATE"},
		"no rate":             {"30s", "want DURATION@RATE"},
		"no duration":         {"@50", "want DURATION@RATE"},
		"a negative duration": {"-1s@50", "want DURATION@RATE"},
		"a word for a rate":   {"1s@fast", `got "fast"`},
		"half a ramp":         {"1s@5..", `got ""`},
		"a ramp of nothing":   {"1s@0..0", "a pause is DURATION@0"},
		"a negative rate":     {"1s@-5", "is not between"},
		"an infinite rate":    {"1s@Inf", "is not between"},
		"no number":           {"1s@NaN", "is not between"},
		"too small a rate":    {"1s@1e-9", "is not between"},
		"a unit unknown":      {"1s@5/d", `got "5/d"`},
		"more after max":      {"1s@max,1s@5", "nothing can follow"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(row.line)
			require.ErrorContains(t, err, row.want)
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("30s@50,1m@50..500")
	f.Add("1h@0.000001,720h@1e7")
	f.Fuzz(func(t *testing.T, line string) {
		s, err := Parse(line)
		if err != nil {
			return
		}
		for _, stage := range s.Stages() {
			if n := stage.Hits(); n > 0 && n < Unbounded && (stage.At(0) < 0 || stage.At(n-1) >= stage.Length()) {
				t.Fatalf("%s: hits from %s to %s in %s", stage, stage.At(0), stage.At(n-1), stage.Length())
			}
		}
	})
}
