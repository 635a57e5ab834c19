package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
)

// maxDepth is how deep a tree or a document may be nested.
const maxDepth = 1000

type node struct {
	Depth int   `json:"depth"`
	Child *node `json:"child,omitempty"`
}

// jsonTree builds and encodes a chain of objects: stack use grows with its depth, in both.
func jsonTree(_ context.Context, c *Call) Response {
	depth, ok := number(c, "depth", required, 0, maxDepth)
	if !ok {
		return badRequest("depth must be a number from 0 to 1000")
	}
	return answer(http.StatusOK, grow(0, depth))
}

func grow(depth, most int) *node {
	n := &node{Depth: depth}
	if depth < most {
		n.Child = grow(depth+1, most)
	}
	return n
}

// digestDocument returns one hash for a JSON document, the same whatever the order of its keys.
func digestDocument(_ context.Context, c *Call) Response {
	if nesting(c.Body) > maxDepth {
		return badRequest("the document is nested deeper than 1000")
	}
	decoder := json.NewDecoder(bytes.NewReader(c.Body))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return badRequest("the body is not JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return badRequest("the body holds more than one JSON value")
	}
	nodes := 0
	sum := digest(document, &nodes)
	return answer(http.StatusOK, struct {
		SHA256 string `json:"sha256"`
		Nodes  int    `json:"nodes"`
	}{hex.EncodeToString(sum[:]), nodes})
}

// nesting is how deep the brackets of a JSON text are nested, those in strings left out.
func nesting(text []byte) int {
	depth, deepest, quoted, escaped := 0, 0, false, false
	for _, b := range text {
		switch {
		case escaped:
			escaped = false
		case quoted && b == '\\':
			escaped = true
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{' || b == '[':
			depth++
			deepest = max(deepest, depth)
		case b == '}' || b == ']':
			depth--
		}
	}
	return deepest
}

// digest hashes a value: a kind, then what it holds; children are hashed first and their hashes
// taken in.
func digest(value any, nodes *int) [sha256.Size]byte {
	*nodes++
	hash := sha256.New()
	switch v := value.(type) {
	case map[string]any:
		hash.Write([]byte{'{'})
		for _, key := range slices.Sorted(maps.Keys(v)) {
			name, child := sha256.Sum256([]byte(key)), digest(v[key], nodes)
			hash.Write(name[:])
			hash.Write(child[:])
		}
	case []any:
		hash.Write([]byte{'['})
		for _, item := range v {
			child := digest(item, nodes)
			hash.Write(child[:])
		}
	case string:
		hash.Write([]byte{'"'})
		hash.Write([]byte(v))
	case json.Number:
		hash.Write([]byte{'0'})
		hash.Write([]byte(v))
	case bool:
		if v {
			hash.Write([]byte{'t'})
		} else {
			hash.Write([]byte{'f'})
		}
	default: // null
		hash.Write([]byte{'n'})
	}
	return [sha256.Size]byte(hash.Sum(nil))
}
