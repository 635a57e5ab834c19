package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/olekukonko/tablewriter"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// AnswerTable writes the answer to a query, one row a series: a column for each label, and the
// value.
func AnswerTable(w io.Writer, answer facts.Answer) error {
	if len(answer.Series) == 0 {
		_, err := fmt.Fprintln(w, "no series")
		return err
	}
	names := map[string]bool{}
	for _, s := range answer.Series {
		for name := range s.Labels {
			names[name] = true
		}
	}
	columns := slices.Sorted(maps.Keys(names))
	table := tablewriter.NewTable(w, Columns()...)
	header := make([]string, 0, len(columns)+1)
	for _, name := range columns {
		header = append(header, diag.Printable(name))
	}
	table.Header(append(header, "value"))
	for _, s := range answer.Series {
		var cells []string
		for _, name := range columns {
			cells = append(cells, diag.Printable(s.Labels[name]))
		}
		if err := table.Append(append(cells, strconv.FormatFloat(s.Value, 'g', -1, 64))); err != nil {
			return err
		}
	}
	return table.Render()
}

// AnswerJSON writes the window of a query, and each series of its answer with its value; a value
// that JSON cannot hold is a text.
func AnswerJSON(w io.Writer, window facts.Window, answer facts.Answer) error {
	type series struct {
		Labels map[string]string `json:"labels"`
		Value  any               `json:"value"`
	}
	out := struct {
		Window  facts.Window `json:"window"`
		Samples int          `json:"samples"`
		Series  []series     `json:"series"`
	}{window, answer.Samples, []series{}}
	for _, s := range answer.Series {
		var value any = s.Value
		if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
			value = strconv.FormatFloat(s.Value, 'g', -1, 64)
		}
		out.Series = append(out.Series, series{s.Labels, value})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}
