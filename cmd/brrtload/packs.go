package main

import (
	"io/fs"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"brrtload/assertions/packs"
)

// packsCommand lists and prints the shipped packs, and the contracts that they name.
func packsCommand() *cobra.Command {
	return shipped{
		group: "packs", what: "pack", files: packs.Shipped(), names: packs.Names, about: aboutPack,
		example: "  brrtload packs show requests >my-budgets.yaml",
	}.command()
}

var firstSentence = regexp.MustCompile(`^[^.?\n]*[.?]?`)

// aboutPack returns the first sentence of the comment that a pack begins with, below the line for
// editors.
func aboutPack(name string) (string, error) {
	text, err := fs.ReadFile(packs.Shipped(), name+".yaml")
	if err != nil {
		return "", err
	}
	_, comment, _ := strings.Cut(string(text), "\n# ")
	return strings.TrimSuffix(firstSentence.FindString(comment), "."), nil
}
