package terminal

import (
	"io"
	"strings"
	"sync/atomic"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"brrtload/reports/fit"
)

// barWidth is the width of the bar itself, in columns.
const barWidth = 8

// barView is one line at the bottom of a terminal, cut to its width. It is drawn at every update,
// and only then.
type barView struct {
	lines   *mpb.Progress
	bar     *mpb.Bar
	refresh chan any
	tick    atomic.Pointer[Tick] // the last one; the bar's own goroutine reads it
}

func newBarView(w io.Writer) *barView {
	v := &barView{refresh: make(chan any)}
	v.tick.Store(&Tick{})
	v.lines = mpb.New(mpb.WithOutput(w), mpb.WithWidth(DefaultWidth), mpb.WithManualRefresh(v.refresh))
	v.bar = v.lines.New(0, mpb.BarStyle().Lbound("[").Filler("=").Tip("=").Padding(" ").Rbound("]"),
		mpb.BarWidth(barWidth),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return v.tick.Load().clock() })),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
			// The bar gets what its neighbours leave: it and a blank on each side.
			t := v.tick.Load()
			text, room := strings.TrimSuffix(t.figures()+", "+fit.Line(t.Stage, fit.NameWidth), ", "), max(0,
				s.AvailableWidth-barWidth-2)
			if twwidth.Width(text) > room {
				text = twwidth.Truncate(text, room, "…")
			}
			return text
		})),
	)
	return v
}

func (v *barView) update(t Tick) {
	v.tick.Store(&t)
	// In milliseconds. A bar that began without a total never completes by itself: done ends it.
	v.bar.SetTotal(max(1, int64(1000*t.Total)), false)
	v.bar.SetCurrent(int64(1000 * max(0, t.Elapsed)))
	v.refresh <- nil
}

// say writes above the bar. It is seen when the bar is drawn next, which is now.
func (v *barView) say(text string) {
	// The container is running until done, so that this cannot fail.
	_, _ = io.WriteString(v.lines, text+"\n")
	v.refresh <- nil
}

func (v *barView) done() {
	v.bar.Abort(true)
	v.lines.Wait()
}
