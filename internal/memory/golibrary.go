package memory

import (
	"slices"
	"strings"
)

// goTrees are the first elements of the import paths of Go's standard library.
var goTrees = []string{"archive", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto", "database",
	"debug", "embed", "encoding", "errors", "expvar", "flag", "fmt", "go", "hash", "html", "image", "index", "internal",
	"io", "iter", "log", "maps", "math", "mime", "net", "os", "path", "plugin", "reflect", "regexp", "runtime", "slices",
	"sort", "strconv", "strings", "structs", "sync", "syscall", "testing", "text", "time", "unicode", "unique", "unsafe",
	"vendor", "weak"}

// goLibrary reports whether a Go function is of the standard library.
func goLibrary(function string) bool {
	path := function
	if dot := strings.IndexAny(path, ".["); dot >= 0 {
		path = path[:dot] // a host has a dot, and no tree of the library is called like one
	}
	tree, _, _ := strings.Cut(path, "/")
	return slices.Contains(goTrees, tree)
}
