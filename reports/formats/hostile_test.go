package formats

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"brrtload/internal/hostile"
	"brrtload/reports/fit"
	"brrtload/reports/internal/sample"
	"brrtload/reports/terminal"
)

// paintwork matches the escape sequences that Terminal itself uses: colours, and nothing that moves
// the cursor.
var paintwork = regexp.MustCompile("\x1b\\[[0-9;]*m")

// inspect holds what every format must keep to, whatever text it was given.
var inspect = map[string]func(*testing.T, []byte){
	"json": func(t *testing.T, out []byte) {
		require.True(t, json.Valid(out))
		require.NotContains(t, string(out), "</script>")
		sample.RequirePlain(t, string(out))
		sample.RequireNoCommands(t, string(out))
	},
	"junit": func(t *testing.T, out []byte) {
		sample.RequirePlain(t, string(out))
		sample.RequireNoCommands(t, string(out))
		requireJUnit(t, out)
	},
	"markdown": func(t *testing.T, out []byte) {
		sample.RequirePlain(t, string(out))
		require.LessOrEqual(t, len(out), MarkdownLimit)
		requireInertMarkdown(t, out)
	},
	"html": func(t *testing.T, out []byte) {
		sample.RequirePlain(t, string(out))
		sample.RequireInertPage(t, out)
	},
	"openmetrics": func(t *testing.T, out []byte) {
		sample.RequirePlain(t, string(out))
		sample.RequireNoCommands(t, string(out))
		requireOpenMetrics(t, out)
	},
	"terminal": func(t *testing.T, out []byte) {
		sample.RequirePlain(t, string(out))
		sample.RequireNoCommands(t, string(out))
	},
}

// requireInertMarkdown parses Markdown as GitHub does and wants none of the elements that only an
// attack would bring.
func requireInertMarkdown(t *testing.T, out []byte) {
	t.Helper()
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(out))
	require.NoError(t, ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link, *ast.AutoLink, *ast.Image, *ast.RawHTML, *ast.FencedCodeBlock, *ast.CodeBlock, *ast.Blockquote, *ast.ThematicBreak:
			t.Errorf("a %s came through", n.Kind())
		case *ast.Heading:
			require.Equal(t, 3, n.Level)
		case *ast.HTMLBlock:
			require.Regexp(t, `^</?details>`, string(n.Lines().Value(out)))
		case *ast.CodeSpan:
			require.Regexp(t, `^(result\.json|report\.html#check-[\w-]*)$`, string(n.FirstChild().(*ast.Text).Value(out)))
		}
		return ast.WalkContinue, nil
	}))
	require.NotRegexp(t, `[@#]\w`, pageAddresses.ReplaceAllString(string(out), ""))
	requireSteadyTables(t, string(out))
}

// pageAddresses are the code spans that name a part of the page.
var pageAddresses = regexp.MustCompile("`report\\.html#check-[\\w-]*`")

var escape = regexp.MustCompile(`\\.`)

// requireSteadyTables wants as many cells in every row of a table as in its head: a parser drops
// the surplus without a word.
func requireSteadyTables(t *testing.T, out string) {
	t.Helper()
	head := 0
	for row := range strings.Lines(out) {
		bars := strings.Count(escape.ReplaceAllString(row, ""), "|")
		switch {
		case !strings.HasPrefix(row, "|"):
			head = 0
		case head == 0:
			head = bars
		default:
			require.Equal(t, head, bars, row)
		}
	}
}

func TestHostileTextIsInert(t *testing.T) {
	for _, f := range All() {
		if inspect[f.Name] == nil {
			t.Fatalf("the format %s is not in inspect, above: add what its text must keep to, RequirePlain and RequireNoCommands at least", f.Name)
		}
	}
	for _, attack := range hostile.Texts {
		for _, f := range All() {
			t.Run(f.Name, func(t *testing.T) {
				var out bytes.Buffer
				require.NoError(t, f.Write(&out, sample.Hostile(attack)))
				inspect[f.Name](t, out.Bytes())
			})
		}
	}
}

func FuzzText(f *testing.F) {
	for _, attack := range hostile.Texts {
		f.Add(attack, 80)
	}
	f.Fuzz(func(t *testing.T, attack string, width int) {
		width = 1 + (width%200+200)%200
		text := fit.Line(attack, width)
		sample.RequirePlain(t, text)
		require.NotContains(t, text, "\n")
		require.LessOrEqual(t, utf8.RuneCountInString(text), width)
		sample.RequireNoCommands(t, fit.Inert("  "+strings.Join(fit.Wrap(text, 9), "\n  ")))
		requireInertMarkdown(t, []byte("- "+prose(text)+"\n\n| a | b |\n| - | - |\n| "+prose(text)+" | x |\n"))
	})
}

func TestColouredTerminalIsInertToo(t *testing.T) {
	for _, attack := range hostile.Texts {
		var out bytes.Buffer
		require.NoError(t, terminal.Write(&out, sample.Hostile(attack), terminal.Options{Color: true, Width: 40}))
		plain := paintwork.ReplaceAllString(out.String(), "")
		sample.RequirePlain(t, plain)
		sample.RequireNoCommands(t, plain)
	}
}
