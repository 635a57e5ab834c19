package packs

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/diag"
)

//go:embed *.yaml contracts/*.yaml
var shipped embed.FS

// Shipped returns the packs that come with brrtload, as files named NAME.yaml, for [Load].
func Shipped() fs.FS { return packs{} }

// packs opens the shipped files, also by the names that diagnostics and reports call them.
type packs struct{}

func (packs) Open(name string) (fs.File, error) { return shipped.Open(diag.Embedded(name)) }

// Packs lists the names of the shipped packs, sorted.
func Names() []string {
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

// renamed has the packs that had another name, with what to write now.
var renamed = map[string]string{
	"brrtrouter": `; it is called "targetsvc" now, and the pack for BRRTRouter itself is "brrtrouter-rust"`,
}

// Instead returns what an error says of a name that no pack has: the name that it has now, or the
// nearest one, or nothing.
func Instead(name string) string {
	if now, was := renamed[name]; was {
		return now
	}
	return diag.DidYouMean(name, Names())
}

// Pack reads a shipped pack by its name: "client", "stack".
func Read(name string) ([]assertions.Assertion, error) {
	text, err := shipped.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no pack named %q%s", name, Instead(name))
	}
	return read(packs{}, &diag.Source{Name: diag.ShippedPacks + name + ".yaml", Text: text})
}
