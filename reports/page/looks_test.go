package page

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

var (
	shots = flag.String("shots", "", "directory for screenshots at each width in light and dark")
	shown = flag.String("page", "", "page to look at; default: that of the sample")
)

// At each width, in light and dark and with all findings open, nothing is wider than the window.
func TestThePageFitsItsWindow(t *testing.T) {
	html := htmlOf(t, result(t))
	if *shown != "" {
		var err error
		html, err = os.ReadFile(*shown)
		require.NoError(t, err)
	}
	p := open(t, html, "")
	for _, width := range []int64{320, 800, 1600} {
		for _, scheme := range []string{"light", "dark"} {
			p.resize(width)
			p.scheme(scheme)
			if *shots != "" {
				p.shoot(filepath.Join(*shots, fmt.Sprintf("%d-%s.png", width, scheme)))
			}
			require.Empty(t, eval[[]string](p, wide), "wider than %d px", width)
		}
	}
	eval[any](p, `document.querySelectorAll("details").forEach(d => { d.open = true; })`)
	for _, width := range []int64{320, 800, 1600} {
		p.resize(width)
		require.Empty(t, eval[[]string](p, wide), "wider than %d px, all open", width)
	}
	p.requireQuiet()
}

// wide names the first elements that stand out of the window and cannot be scrolled into it by
// themselves.
const wide = `(() => {
	const scrolls = e => e && e !== document.body && (getComputedStyle(e).overflowX === "auto" || scrolls(e.parentElement));
	const out = e => { const box = e.getBoundingClientRect(); return box.width && (box.right > document.documentElement.clientWidth + 1 || box.left < -1); };
	return [...document.querySelectorAll("body *")].filter(e => out(e) && !scrolls(e.parentElement)).slice(0, 5)
		.map(e => e.tagName + " " + e.getAttribute("class") + " " + e.textContent.slice(0, 60));
})()`

// shoot keeps a picture of the whole page.
func (p *tab) shoot(path string) {
	p.t.Helper()
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	require.NoError(p.t, err)
	require.NoError(p.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(p.t, os.WriteFile(path, picture, 0o644))
}
