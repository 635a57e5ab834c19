package terminal

import "brrtload/reports/fit"

// shortLines is the number of lines that the short report keeps to, where its width is 80 columns
// or more.
const shortLines = 40

// extent is the most of each that the short report shows.
type extent struct {
	unheld  int  // checks that did not hold; several with one cause are one
	brief   bool // one line for each of them
	reason  int  // characters of a check's reason
	unequal int  // series of an identity
	found   int  // further findings of a check
	grouped int  // names of checks with one cause

	groups   int // of budgets
	requests int // besides the total
	kinds    int // of errors

	warnings, notes int
	note            int // characters of a warning and of a note
}

// extents are tried one after the other until the report fits.
var extents = []extent{
	{unheld: 8, reason: 500, unequal: 3, found: 2, grouped: 20, groups: 6, requests: 10, kinds: 3, warnings: 5,
		notes: 3, note: 150},
	{unheld: 8, reason: 300, unequal: 3, found: 2, grouped: 20, groups: 6, requests: 10, kinds: 3, warnings: 3,
		notes: 2, note: 64},
	{unheld: 8, reason: 300, unequal: 3, found: 2, grouped: 12, groups: 6, requests: 7, kinds: 2, warnings: 2, notes: 1,
		note: 64},
	{unheld: 7, reason: 200, unequal: 2, found: 1, grouped: 12, groups: 6, requests: 5, kinds: 2, warnings: 1, notes: 1,
		note: 64},
	{unheld: 6, reason: 150, unequal: 2, found: 1, grouped: 6, groups: 4, requests: 3, kinds: 2, warnings: 1, notes: 1,
		note: 64},
	{unheld: 12, brief: true, reason: 120, grouped: 8, groups: 4, requests: 5, kinds: 1, warnings: 1, notes: 1,
		note: 64},
	{unheld: 12, brief: true, reason: 120, grouped: 6, groups: 3, requests: 3, kinds: 1, warnings: 1, notes: 1,
		note: 64},
	{unheld: 8, brief: true, reason: 100, grouped: 4, groups: 3, requests: 2, kinds: 1, warnings: 1, notes: 1,
		note: 64},
	{unheld: 6, brief: true, reason: 60, grouped: 3, groups: 2, requests: 1, kinds: 1, warnings: 1, notes: 1, note: 64},
	{unheld: 4, brief: true, reason: 60, grouped: 2, groups: 2, requests: 0, kinds: 1, warnings: 0, notes: 0, note: 64},
}

// shortened returns texts of at most this many characters.
func shortened(texts []string, most int) []string {
	short := make([]string, len(texts))
	for i, text := range texts {
		short[i] = fit.Line(text, most)
	}
	return short
}
