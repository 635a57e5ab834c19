package sample

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// Elements walks over a page's elements.
func Elements(t *testing.T, page []byte, look func(*html.Node)) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	require.NoError(t, err)
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			look(n)
		}
	}
}

// Attribute returns an attribute of an element, empty when there is none.
func Attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// RequireInertPage wants a page of nothing but the elements that the template has, with nothing
// that asks another place or runs.
func RequireInertPage(t *testing.T, page []byte) {
	t.Helper()
	var scripts, styles int
	Elements(t, page, func(n *html.Node) {
		switch n.Data {
		case "script":
			scripts++
		case "style":
			styles++
		case "img", "iframe", "object", "embed", "link", "form", "base", "video", "audio", "image", "use", "foreignobject", "animate", "set":
			t.Errorf("a %s came through", n.Data)
		case "a":
			require.True(t, strings.HasPrefix(Attribute(n, "href"), "#"), "link to %q", Attribute(n, "href"))
		}
		for _, a := range n.Attr {
			require.False(t, strings.HasPrefix(a.Key, "on"), "attribute %s", a.Key)
			require.NotContains(t, []string{"style", "src", "srcset", "action", "background", "xlink:href"}, a.Key)
		}
	})
	require.Equal(t, 2, scripts, "the result and the page's own")
	require.Equal(t, 1, styles)
}
