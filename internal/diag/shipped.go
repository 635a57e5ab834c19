package diag

import "strings"

// What the names of sources begin with that are part of the program: they are no files, but
// brrtload prints them.
const (
	ShippedScenarios = "shipped:scenarios/"
	ShippedPacks     = "shipped:packs/"
)

// Embedded returns the name that a file has in its embedded file system: the name without what says
// that it is shipped.
func Embedded(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, ShippedPacks), ShippedScenarios)
}

// Shipped returns the command that prints the file which the place is in, and false when it is not
// part of the program.
func (p Position) Shipped() (command string, ok bool) {
	name := strings.TrimSuffix(Embedded(p.File), ".yaml")
	switch {
	case strings.HasPrefix(p.File, ShippedPacks):
		return "brrtload packs show " + name, true
	case strings.HasPrefix(p.File, ShippedScenarios):
		return "brrtload scenarios show " + name, true
	default:
		return "", false
	}
}
