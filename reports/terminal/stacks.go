package terminal

import (
	"fmt"
	"io"
	"strconv"

	"github.com/olekukonko/tablewriter"

	"brrtload/internal/diag"
	"brrtload/internal/quantity"
	"brrtload/internal/stacks"
)

// Stacks writes what was seen of a process's stacks, one row a group.
func Stacks(w io.Writer, s stacks.Sample) error {
	runtime := s.Runtime
	if runtime == "" {
		runtime = "unknown"
	}
	fmt.Fprintf(w, "runtime: %s\n", diag.Printable(runtime))
	for _, why := range s.Without {
		fmt.Fprintf(w, "left out: %s\n", diag.Printable(why))
	}
	if len(s.Groups) == 0 {
		return nil
	}
	table := tablewriter.NewTable(w, Columns()...)
	table.Header("stacks", "kind", "size", "most used", "share", "median used", "resident", "full", "painted")
	for _, g := range s.Groups {
		used, share, median := "unknown", "", ""
		if g.Unread == 0 {
			used, median = quantity.Bytes(float64(g.Used.Max)), quantity.Bytes(float64(g.Used.Median))
			share = quantity.Share(float64(g.Used.Max) / float64(g.Size))
		}
		err := table.Append(strconv.Itoa(g.Count), string(g.Kind), quantity.Bytes(float64(g.Size)), used, share, median,
			quantity.Bytes(float64(g.Resident.Max)), strconv.Itoa(g.Full), strconv.Itoa(g.Painted))
		if err != nil {
			return err
		}
	}
	return table.Render()
}
