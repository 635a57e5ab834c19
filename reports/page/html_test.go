package page

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
	"brrtload/reports"
	"brrtload/reports/internal/sample"
	"brrtload/reports/tables"
)

// The policy lets in exactly the style and the script of the page.
func TestThePolicyNamesTheStyleAndTheScript(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, HTML(&out, sample.Run()))
	var policy string
	var inside []string
	sample.Elements(t, out.Bytes(), func(n *html.Node) {
		if sample.Attribute(n, "http-equiv") == "Content-Security-Policy" {
			policy = sample.Attribute(n, "content")
		}
		if n.Data == "style" || n.Data == "script" && sample.Attribute(n, "id") == "" {
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
	require.NoError(t, HTML(&out, sample.Run()))
	require.NoError(t, reports.JSON(&want, sample.Run()))
	sample.Elements(t, out.Bytes(), func(n *html.Node) {
		if sample.Attribute(n, "id") != "result" {
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
	require.NoError(t, HTML(&out, sample.Run()))
	var ids, links []string
	sample.Elements(t, out.Bytes(), func(n *html.Node) {
		if id := sample.Attribute(n, "id"); id != "" {
			ids = append(ids, id)
		}
		if n.Data == "a" {
			links = append(links, strings.TrimPrefix(sample.Attribute(n, "href"), "#"))
		}
	})
	require.Equal(t, len(ids), len(slices.Compact(slices.Sorted(slices.Values(ids)))), "an id stands twice")
	for _, link := range links {
		require.Contains(t, ids, link)
	}
	for _, c := range reports.Broken(sample.Run()) {
		require.Contains(t, ids, tables.Anchor(c.ID))
	}
}

// A report without anything to draw is a page all the same.
func TestThePageOfARunThatNeverBegan(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, HTML(&out, reports.Report{Version: reports.Version, Command: "run", Scenario: "x", Verdict: assertions.Error, End: reports.Unreachable, Status: 5, Reason: "nothing listens"}))
	sample.RequireInertPage(t, out.Bytes())
	require.Contains(t, out.String(), "nothing listens")
}
