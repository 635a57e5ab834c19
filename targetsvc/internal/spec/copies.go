package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Copy adds every operation n times more, under /copy/1, /copy/2 and so on, answered by the same
// handlers: a table as long as those of large documents. Text stays as it was read.
func (d *Document) Copy(n int) {
	read := d.Operations
	for i := range n {
		for _, operation := range read {
			operation.Path = fmt.Sprintf("/copy/%d%s", i+1, operation.Path)
			d.Operations = append(d.Operations, operation)
		}
	}
	sortRoutes(d.Operations)
}

// Handlers counts the handlers that operations name.
func (d *Document) Handlers() int {
	named := map[string]bool{}
	for _, operation := range d.Operations {
		named[operation.Handler] = true
	}
	return len(named)
}

// sortRoutes puts operations in the order in which their routes are tried.
func sortRoutes(operations []Operation) {
	slices.SortFunc(operations, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(strings.Count(a.Path, "{"), strings.Count(b.Path, "{")),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
}
