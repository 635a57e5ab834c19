package reports

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"brrtload/assertions"
)

// elements walks over a page's elements.
func elements(t *testing.T, page []byte, look func(*html.Node)) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	require.NoError(t, err)
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			look(n)
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// requireInertPage wants a page of nothing but the elements that the template has, with nothing
// that asks another place or runs.
func requireInertPage(t *testing.T, page []byte) {
	t.Helper()
	var scripts, styles int
	elements(t, page, func(n *html.Node) {
		switch n.Data {
		case "script":
			scripts++
		case "style":
			styles++
		case "img", "iframe", "object", "embed", "link", "form", "base", "video", "audio", "image", "use", "foreignobject", "animate", "set":
			t.Errorf("a %s came through", n.Data)
		case "a":
			require.True(t, strings.HasPrefix(attribute(n, "href"), "#"), "link to %q", attribute(n, "href"))
		}
		for _, a := range n.Attr {
			require.False(t, strings.HasPrefix(a.Key, "on"), "attribute %s", a.Key)
			require.NotContains(t, []string{"style", "src", "srcset", "action", "background", "xlink:href"}, a.Key)
		}
	})
	require.Equal(t, 2, scripts, "the result and the page's own")
	require.Equal(t, 1, styles)
}

// The policy lets in exactly the style and the script of the page.
func TestThePolicyNamesTheStyleAndTheScript(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, HTML(&out, sample()))
	var policy string
	var inside []string
	elements(t, out.Bytes(), func(n *html.Node) {
		if attribute(n, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(n, "content")
		}
		if n.Data == "style" || n.Data == "script" && attribute(n, "id") == "" {
			inside = append(inside, n.FirstChild.Data)
		}
	})
	require.Contains(t, policy, "default-src 'none'")
	require.Len(t, inside, 2)
	for _, text := range inside {
		require.Contains(t, policy, hash(text))
	}
	require.Equal(t, 2, strings.Count(policy, "sha256-"))
}

func TestThePageHoldsTheResult(t *testing.T) {
	var out, want bytes.Buffer
	require.NoError(t, HTML(&out, sample()))
	require.NoError(t, JSON(&want, sample()))
	elements(t, out.Bytes(), func(n *html.Node) {
		if attribute(n, "id") != "result" {
			return
		}
		packed, err := base64.RawURLEncoding.DecodeString(n.FirstChild.Data)
		require.NoError(t, err)
		reader, err := gzip.NewReader(bytes.NewReader(packed))
		require.NoError(t, err)
		got, err := io.ReadAll(reader)
		require.NoError(t, err)
		require.JSONEq(t, want.String(), string(got))
	})
}

// Each check that did not hold can be linked to, and each link of the page leads somewhere.
func TestAnchorsLeadSomewhere(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, HTML(&out, sample()))
	var ids, links []string
	elements(t, out.Bytes(), func(n *html.Node) {
		if id := attribute(n, "id"); id != "" {
			ids = append(ids, id)
		}
		if n.Data == "a" {
			links = append(links, strings.TrimPrefix(attribute(n, "href"), "#"))
		}
	})
	require.Equal(t, len(ids), len(slices.Compact(slices.Sorted(slices.Values(ids)))), "an id stands twice")
	for _, link := range links {
		require.Contains(t, ids, link)
	}
	for _, c := range Broken(sample()) {
		require.Contains(t, ids, Anchor(c.ID))
	}
}

// A report without anything to draw is a page all the same.
func TestThePageOfARunThatNeverBegan(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, HTML(&out, Report{Version: Version, Command: "run", Scenario: "x", Verdict: assertions.Error, End: Unreachable, Status: 5, Reason: "nothing listens"}))
	requireInertPage(t, out.Bytes())
	require.Contains(t, out.String(), "nothing listens")
}
