package terminal

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/stretchr/testify/require"

	"brrtload/internal/hostile"
	"brrtload/reports/internal/sample"
)

func tick(elapsed float64, stage string) Tick {
	return Tick{Elapsed: elapsed, Total: 90, Stage: stage, Planned: 200, Sent: uint64(elapsed * 200), Rate: 199.8, P99: 0.0124, Errors: 3,
		Tightest: "queue-depth 12 % left"}
}

func TestLinesComeEveryTenSecondsAndAtEachStage(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, Lines)
	for quarter := range 4 * 25 {
		stage := "warm-up"
		if quarter >= 4*12 {
			stage = "steady load"
		}
		p.Update(tick(float64(quarter)/4, stage))
	}
	p.Say("draining")
	p.Done()
	require.Equal(t, strings.TrimLeft(`
[00:00/01:30] warm-up: 200 of 200/s, p99 12.4 ms, 3 errors, queue-depth 12 % left, 0 sent
[00:10/01:30] warm-up: 200 of 200/s, p99 12.4 ms, 3 errors, queue-depth 12 % left, 2,000 sent
[00:12/01:30] steady load: 200 of 200/s, p99 12.4 ms, 3 errors, queue-depth 12 % left, 2,400 sent
[00:22/01:30] steady load: 200 of 200/s, p99 12.4 ms, 3 errors, queue-depth 12 % left, 4,400 sent
draining
`, "\n"), out.String())
}

func TestLinesMoveNoCursorAndIssueNoCommands(t *testing.T) {
	for _, attack := range hostile.Texts {
		var out bytes.Buffer
		p := NewProgress(&out, Lines)
		p.Update(Tick{Stage: attack, Tightest: attack})
		p.Say(attack)
		p.Done()
		sample.RequirePlain(t, out.String())
		sample.RequireNoCommands(t, out.String())
	}
}

func TestQuietSaysNothing(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, Quiet)
	p.Update(tick(1, "steady load"))
	p.Say("draining")
	p.Done()
	require.Empty(t, out.String())
}

func TestBarShowsWhereTheRunIs(t *testing.T) {
	for _, row := range []struct {
		name string
		tick Tick
		want string
	}{
		{"half way", tick(45, "steady load"), "00:45/01:30 [===   ] 200 of 200/s, p99 12.4 ms, 3 errors, queue-depth 12 % left…\n"},
		{"before the first hit", tick(-1, "baseline"), "00:00/01:30 [      ] 200 of 200/s, "},
		{"later than planned", tick(200, "drain"), "03:20/01:30 [======] 200 of 200/s, "},
		{"short", Tick{Total: 60, Stage: "rest"}, "00:00/01:00 [      ] 0 of 0/s, 0 errors, 0 sent, rest\n"},
		{"hostile", Tick{Stage: "\x1b[2J\n::error::x"}, "00:00/00:00 [      ] not begun yet, \uFFFD[2J ::error::x\n"},
	} {
		var out bytes.Buffer
		p := NewProgress(&out, Bar)
		p.Say("above it")
		p.Update(row.tick)
		p.Done()
		require.Contains(t, out.String(), "above it\n", row.name)
		require.Contains(t, out.String(), row.want, row.name)
		for drawn := range strings.Lines(out.String()) {
			require.LessOrEqual(t, twwidth.Width(strings.TrimRight(drawn, "\n")), DefaultWidth, drawn)
		}
	}
}

func TestBarOutlivesThePlan(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, Bar)
	p.Update(tick(90, "steady load"))
	p.Update(tick(95, "drain"))
	p.Done()
	require.Contains(t, out.String(), "01:35/01:30 [======] 200 of 200/s, ")
}

func TestProgressEndsOnceThoughManyUseIt(t *testing.T) {
	for _, kind := range []ProgressKind{Quiet, Lines, Bar} {
		var out bytes.Buffer
		p := NewProgress(&out, kind)
		var users sync.WaitGroup
		for range 4 {
			users.Go(func() {
				for i := range 20 {
					p.Update(tick(float64(i), "steady load"))
					p.Say("still here")
				}
				p.Done()
			})
		}
		users.Wait()
		before := out.Len()
		p.Update(tick(100, "late"))
		p.Say("too late")
		p.Done()
		require.Equal(t, before, out.Len())
	}
}

func TestClock(t *testing.T) {
	for seconds, want := range map[float64]string{-1: "00:00", 0: "00:00", 59.9: "00:59", 90: "01:30", 3599: "59:59", 3600: "1:00:00", 360_000: "100:00:00"} {
		require.Equal(t, want, clock(seconds))
	}
}
