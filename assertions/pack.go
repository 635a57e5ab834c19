package assertions

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"brrtload/internal/diag"
)

//go:embed *.yaml contracts/*.yaml
var shipped embed.FS

// Shipped gives the packs that come with brrtload, as files named NAME.yaml, for [Load].
func Shipped() fs.FS { return shipped }

// Packs lists the names of the shipped packs, sorted.
func Packs() []string {
	entries, err := shipped.ReadDir(".")
	if err != nil {
		panic("assertions: " + err.Error()) // an embedded directory can always be read
	}
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() {
			names = append(names, strings.TrimSuffix(entry.Name(), path.Ext(entry.Name())))
		}
	}
	return names
}

// Pack reads a shipped pack by its name: "client", "stack".
func Pack(name string) ([]Assertion, error) {
	text, err := shipped.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no pack named %q%s", name, diag.DidYouMean(name, Packs()))
	}
	return read(shipped, &diag.Source{Name: "shipped:" + name + ".yaml", Text: text})
}
