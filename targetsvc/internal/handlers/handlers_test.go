package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/router"
)

func query(text string) *Call {
	values, err := url.ParseQuery(text)
	if err != nil {
		panic(err)
	}
	return &Call{Query: values}
}

func param(name, value string) *Call { return &Call{Params: router.Params{{Name: name, Value: value}}} }

func TestEveryHandlerHasItsOwnName(t *testing.T) {
	seen := map[string]bool{}
	for _, h := range Catalogue(Files{}) {
		require.False(t, seen[h.Name], h.Name)
		seen[h.Name] = true
		require.NotNil(t, h.Func)
		require.NotEmpty(t, h.Controller)
	}
}

func TestPetsAreAFunctionOfTheirNumber(t *testing.T) {
	first := getPet(t.Context(), param("petId", "7"))
	require.Equal(t, "{\"id\":7,\"name\":\"Hugo\",\"tag\":\"dog\"}\n", string(first.Body))
	require.Equal(t, first, getPet(t.Context(), param("petId", "7")))
	require.Equal(t, 404, getPet(t.Context(), param("petId", "1001")).Status)
	require.Equal(t, 400, getPet(t.Context(), param("petId", "0")).Status)

	add := func(body string) Response { return addPet(t.Context(), &Call{Body: []byte(body)}) }
	require.Equal(t, add(`{"name":"Zoe","tag":"cat"}`), add(`{"tag":"cat","name":" Zoe "}`))
	require.NotEqual(t, add(`{"name":"Zoe"}`).Body, add(`{"name":"Zo","tag":"e"}`).Body)
}

func TestSearchPages(t *testing.T) {
	var all struct {
		Total int
		Pets  []Pet
	}
	require.NoError(t, json.Unmarshal(search(t.Context(), query("q=ADA&limit=100")).Body, &all))
	require.Equal(t, 100, all.Total)
	var part struct{ Pets []Pet }
	require.NoError(t, json.Unmarshal(search(t.Context(), query("q=ada&limit=3&offset=5")).Body, &part))
	require.Equal(t, all.Pets[5:8], part.Pets)
	require.Contains(t, string(search(t.Context(), query("q=zzz")).Body), `"pets":[]`)
}

func TestTreeHasTheAskedDepth(t *testing.T) {
	body := string(jsonTree(t.Context(), query("depth=1000")).Body)
	require.Equal(t, 1000, strings.Count(body, `"child"`))
	require.Equal(t, "{\"depth\":0}\n", string(jsonTree(t.Context(), query("depth=0")).Body))
}

func TestDigest(t *testing.T) {
	of := func(body string) string { return string(digestDocument(t.Context(), &Call{Body: []byte(body)}).Body) }
	require.Equal(t, of(`{"a":1,"b":[true,null]}`), of(`{ "b": [true, null], "a": 1 }`), "neither order nor space matters")
	for _, other := range []string{`{"a":1,"b":[null,true]}`, `{"a":"1","b":[true,null]}`, `{"a":1,"b":[true,null,null]}`, `{"a":1.0,"b":[true,null]}`} {
		require.NotEqual(t, of(`{"a":1,"b":[true,null]}`), of(other))
	}
	require.Contains(t, of(`{"a":1,"b":[true,null]}`), `"nodes":5`)
}

func TestNesting(t *testing.T) {
	for text, want := range map[string]int{``: 0, `1`: 0, `[]`: 1, `[{"a":[]}]`: 3, `["]]]]",[[` + `]]]`: 3, `"[[["`: 0, `"\"[[["`: 0, `["\\",[]]`: 2} {
		require.Equal(t, want, nesting([]byte(text)), text)
	}
}

// FuzzNesting checks that no document is nested deeper than it is said to be. It may be less deep:
// of repeated keys the decoder keeps the last only.
func FuzzNesting(f *testing.F) {
	f.Add(`[{"a":["\"[",1]}]`)
	f.Fuzz(func(t *testing.T, text string) {
		var value any
		if json.Unmarshal([]byte(text), &value) == nil && depthOf(value) > nesting([]byte(text)) {
			t.Fatalf("%q: nesting %d, decoded %d", text, nesting([]byte(text)), depthOf(value))
		}
	})
}

func depthOf(value any) int {
	deepest := 0
	switch v := value.(type) {
	case map[string]any:
		for _, child := range v {
			deepest = max(deepest, depthOf(child))
		}
	case []any:
		for _, child := range v {
			deepest = max(deepest, depthOf(child))
		}
	default:
		return 0
	}
	return deepest + 1
}

func TestDownloadIsAsLongAsAsked(t *testing.T) {
	for _, size := range []string{"0", "1", "32768", "100001"} {
		r := download(t.Context(), query("bytes="+size))
		var body bytes.Buffer
		require.NoError(t, r.Stream(&body))
		require.Equal(t, r.Length, body.Len())
	}
}

func TestWaitEndsWithItsTimeOrWithItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		require.Equal(t, 200, wait(t.Context(), query("ms=1500")).Status)
		require.Equal(t, 1500*time.Millisecond, time.Since(began))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		wait(ctx, query("ms=60000"))
		require.Equal(t, time.Second, time.Since(began))
	})
}

func TestPageEscapes(t *testing.T) {
	body := string(petPage(t.Context(), param("petId", "3")).Body)
	require.Contains(t, body, "<h1>Dexter</h1>")
}

func TestFilesStayInTheirDirectory(t *testing.T) {
	dir := t.TempDir()
	public := filepath.Join(dir, "public")
	require.NoError(t, os.Mkdir(public, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret.txt"), []byte("secret"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(public, "a.txt"), []byte("a"), 0o600))
	require.NoError(t, os.Symlink("../secret.txt", filepath.Join(public, "link.txt")))
	require.NoError(t, os.Symlink("a.txt", filepath.Join(public, "good.txt")))
	files, err := OpenFiles(public, "")
	require.NoError(t, err)
	for name, want := range map[string]int{"a.txt": 200, "good.txt": 200, "absent": 404, ".": 404, "..": 404, "../secret.txt": 404,
		"link.txt": 404, "/etc/passwd": 404, "a\x00b": 404, "": 404} {
		require.Equal(t, want, files.static(t.Context(), param("file", name)).Status, name)
	}
	_, err = OpenFiles(filepath.Join(dir, "absent"), "")
	require.ErrorContains(t, err, "absent")
}

func TestDocsHaveTheDocument(t *testing.T) {
	files, err := OpenFiles("", "")
	require.NoError(t, err)
	files.Spec = []byte("openapi: 3.0.3\n")
	require.Equal(t, "openapi: 3.0.3\n", string(files.docs(t.Context(), param("file", "openapi.yaml")).Body))
	require.Contains(t, string(files.docs(t.Context(), param("file", "index.html")).Body), "pet store")
}
