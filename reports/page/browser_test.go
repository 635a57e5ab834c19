package page

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	devpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"brrtload/reports"
)

// patience bounds what a test does in a browser, on a slow machine.
const patience = 2 * time.Minute

// browser is one for all tests; nil with a reason when there is none.
var browser context.Context

func TestMain(m *testing.M) {
	os.Exit(func() int {
		program := chromium()
		if program == "" {
			return m.Run()
		}
		home, err := os.MkdirTemp("", "browser")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(home)
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(home),
			chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		defer stop()
		ctx, cancel := chromedp.NewContext(allocator)
		defer cancel()
		if err := chromedp.Do(ctx); err != nil {
			fmt.Fprintf(os.Stderr, "start %s: %v\n", program, err)
			return 1
		}
		browser = ctx
		return m.Run()
	}())
}

// chromium returns the path of Chromium or Chrome, empty when there is none.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// tab is a page that is open, with what it did.
type tab struct {
	t       testing.TB
	ctx     context.Context
	mu      sync.Mutex
	console []string // errors and warnings
	asked   []string // requests to another place than the page's
}

// watch keeps violations of the policy, and whether a text of the report ran.
const watch = `window.violations = [];
document.addEventListener("securitypolicyviolation", e => violations.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample));
window.alert = window.confirm = window.prompt = text => { window.ran = "dialog " + text; };`

// open opens a page in a tab of its own, in a window of a width.
func open(t testing.TB, html []byte, fragment string) *tab {
	t.Helper()
	if browser == nil {
		t.Skip("no chromium here: apt-get install chromium")
	}
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(path, html, 0o644))
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx))
	ctx, end := context.WithTimeout(ctx, patience)
	t.Cleanup(end)
	p := &tab{t: t, ctx: ctx}
	address := "file://" + path
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if at, _, _ := strings.Cut(e.Request.URL, "#"); at != address && !strings.HasPrefix(at, "blob:") {
				p.asked = append(p.asked, at)
			}
		case *runtime.EventConsoleAPICalled:
			p.console = append(p.console, string(e.Type))
		case *runtime.EventExceptionThrown:
			p.console = append(p.console, e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
		}
	}))
	call(p, network.Enable, network.EnableParams{})
	call(p, devpage.AddScriptToEvaluateOnNewDocument, devpage.AddScriptToEvaluateOnNewDocumentParams{Source: watch})
	p.resize(1000)
	p.do(chromedp.Navigate(address + fragment))
	p.wait(`document.body.classList.contains("on") || violations.length > 0`)
	return p
}

func call[P, R any](p *tab, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	result, err := chromedp.Run(p.ctx, func(ctx context.Context, target *chromedp.Target) (R, error) {
		return cdp.Call(ctx, target, command, params)
	})
	require.NoError(p.t, err)
	return result
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, steps...))
}

// eval returns the value of an expression in the page.
func eval[T any](p *tab, expression string, args ...any) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](fmt.Sprintf(expression, args...)))
	require.NoError(p.t, err, expression)
	return value
}

// wait returns when an expression has become true.
func (p *tab) wait(expression string) {
	p.t.Helper()
	for !eval[bool](p, "%s", expression) {
		if p.ctx.Err() != nil {
			require.FailNow(p.t, "never true: "+expression)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (p *tab) press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

func (p *tab) resize(width int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, 900))
}

// scheme is "light" or "dark".
func (p *tab) scheme(name string) {
	p.t.Helper()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
}

// requireQuiet wants a page that wrote nothing to the console, asked no other place, broke its
// policy nowhere and ran no script but its own.
func (p *tab) requireQuiet() {
	p.t.Helper()
	require.Empty(p.t, eval[[]string](p, "violations"))
	require.Empty(p.t, eval[string](p, `window.ran || ""`))
	p.mu.Lock()
	defer p.mu.Unlock()
	require.Empty(p.t, p.console)
	require.Empty(p.t, p.asked)
}

// result is the report of the golden files.
func result(t testing.TB) reports.Report {
	t.Helper()
	text, err := os.ReadFile("../formats/testdata/result.json")
	require.NoError(t, err)
	var r reports.Report
	require.NoError(t, json.Unmarshal(text, &r))
	return r
}

func htmlOf(t testing.TB, r reports.Report) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, HTML(&out, r))
	return out.Bytes()
}
