package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"brrtload/assertions/contract"
	"brrtload/assertions/packs"
	"brrtload/internal/diag"
	"brrtload/internal/overhead"
	"brrtload/scenarios"
)

// TestSchemaAndDecoderRefuseTheSameKeys puts a key that nobody knows into every mapping of the
// documents, one at a time: where the decoder complains, the schema does, and where one takes any
// key, so does the other.
func TestSchemaAndDecoderRefuseTheSameKeys(t *testing.T) {
	for file, kind := range documents(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		schema, tried := compiled(t, kind), 0
		for n := 0; ; n++ {
			var doc yaml.Node
			require.NoError(t, yaml.Unmarshal(text, &doc))
			if !strange(doc.Content[0], &[]int{n}[0]) {
				break
			}
			unfold(&doc)
			changed, err := yaml.Marshal(&doc)
			require.NoError(t, err)
			refused, accepted := complains(t, kind, filepath.Dir(file), changed), accepts(t, schema, changed)
			require.Equal(t, refused, accepted != nil, "%s, mapping %d: the decoder complains: %v; the schema: %v\n%s", file, n, refused, accepted, changed)
			tried++
		}
		require.NotZero(t, tried)
	}
}

func TestSchemaAndDecoderRefuseTheSameAddresses(t *testing.T) {
	schema := compiled(t, "scenario")
	const document = "target: {%s}\nscrape: {endpoints: [{name: a, url: %s}]}\nstages: [{rate: 1, duration: 1s}]\nrequests: [{get: /}]\n"
	for _, row := range []struct {
		target, endpoint string
		sound            bool
	}{
		{"url: 'http://a'", "/metrics", true}, {"url: 'https://a:8443/b'", "'http://b:1/m'", true}, {"url: '${A}'", "'${B}/metrics'", true},
		{"url: 'http://a', metrics: /m", "/", true}, {"url: true", "/metrics", false}, {"url: 5", "/metrics", false}, {"url: /path", "/metrics", false},
		{"url: 'http://a'", "5", false}, {"url: 'http://a'", "true", false}, {"url: 'http://a'", "metrics", false}, {"url: 'ftp://a'", "/metrics", false},
		{"url: 'http://a', metrics: nowhere", "/m", false},
	} {
		text := fmt.Appendf(nil, document, row.target, row.endpoint)
		_, err := scenarios.Settings{Environment: func(string) (string, bool) { return "http://c", true }}.Load(overlay{os.DirFS("."), text}, "strange.yaml")
		require.Equal(t, row.sound, err == nil, "the decoder: %v\n%s", err, text)
		require.Equal(t, row.sound, accepts(t, schema, text) == nil, "the schema: %v\n%s", accepts(t, schema, text), text)
	}
}

// strange adds a key to the n-th mapping.
func strange(y *yaml.Node, n *int) bool {
	if y.Kind == yaml.MappingNode {
		if *n == 0 {
			y.Content = append(y.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "strange"}, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "1"})
			return true
		}
		*n--
	}
	for _, child := range y.Content {
		if strange(child, n) {
			return true
		}
	}
	return false
}

// unfold has every mapping and list written over several lines.
func unfold(y *yaml.Node) {
	if len(y.Content) > 0 {
		y.Style &^= yaml.FlowStyle
	}
	for _, child := range y.Content {
		unfold(child)
	}
}

// complains reports whether the decoder has something to say about the strange key.
func complains(t *testing.T, kind, dir string, text []byte) bool {
	t.Helper()
	fsys := overlay{os.DirFS(dir), text}
	var err error
	switch kind {
	case "scenario":
		var own packs.Document
		_, err = scenarios.Settings{Environment: func(string) (string, bool) { return "5", true }, Sections: []any{&own}}.Load(fsys, "strange.yaml")
	case "arms":
		_, err = overhead.LoadArms(fsys, "strange.yaml")
	case "assertions":
		_, err = packs.Load(fsys, "strange.yaml")
	default:
		_, err = contract.Load(fsys, "strange.yaml")
	}
	for _, d := range diag.List(nil).With(err) {
		if strings.Contains(d.Excerpt, "strange: 1") {
			return true
		}
	}
	return false
}

// overlay is a directory with one file more.
type overlay struct {
	fs.FS
	text []byte
}

func (o overlay) ReadFile(name string) ([]byte, error) {
	if name == "strange.yaml" {
		return o.text, nil
	}
	return fs.ReadFile(o.FS, name)
}
