package fault

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// List prints the faults of this build, one a line: name and value, kind, what it does.
func List(to io.Writer) error {
	table := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	for _, f := range All() {
		fmt.Fprintf(table, "%s=%s\t%s\t%s\n", f.Name, f.Value, f.Kind, f.Does)
	}
	return table.Flush()
}
