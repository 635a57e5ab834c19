package page

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"brrtload/internal/tier"
)

// axeCore is the package of rules for accessibility.
const axeCore = "axe-core@4.14.1"

// axe-core finds nothing that it calls serious or critical, in light and dark, all findings open.
func TestThePageIsAccessible(t *testing.T) {
	tier.Long(t)
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("no npm here: apt-get install npm")
	}
	p := open(t, htmlOf(t, result(t)), "")
	dir := t.TempDir()
	install := exec.Command("npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", dir, axeCore)
	out, err := install.CombinedOutput()
	require.NoError(t, err, "%s", out)
	script, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	require.NoError(t, err)
	call(p, runtime.Evaluate, runtime.EvaluateParams{Expression: string(script)})
	eval[any](p, `document.querySelectorAll("details").forEach(d => { d.open = true; })`)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{320, 1600} {
			p.scheme(scheme)
			p.resize(width)
			found, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ["violations"]}).then(r =>
				r.violations.filter(v => v.impact === "serious" || v.impact === "critical").flatMap(v =>
					v.nodes.map(n => v.id + ": " + n.target + " " + n.failureSummary)))`, chromedp.EvalAwaitPromise))
			require.NoError(t, err)
			require.Empty(t, found, "%s, %d px", scheme, width)
		}
	}
}
