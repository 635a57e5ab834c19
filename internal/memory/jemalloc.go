package memory

import (
	"bufio"
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// jemalloc writes the counts of a stack after it, once for each thread and, as t*, for all of them;
// the text that package profile reads has them before the stack:
//
//	heap_v2/524288                        heap profile: 9: 300 [9: 300] @ heap_v2/524288
//	  t*: 9: 300 [9: 300]                 9: 300 [9: 300] @ 0x1 0x2
//	@ 0x1 0x2
//	  t*: 9: 300 [9: 300]
var (
	jemallocHead   = regexp.MustCompile(`^heap_v2/(\d+)\s*$`)
	jemallocCounts = regexp.MustCompile(`^\s*t\*:\s*(\d+: \d+ \[\d+: \d+\])\s*$`)
)

// fromJemalloc returns a profile of jemalloc in the form that package profile reads, and false when
// the text is none.
func fromJemalloc(text []byte) ([]byte, bool) {
	head, _, _ := bytes.Cut(text, []byte("\n"))
	rate := jemallocHead.FindSubmatch(head)
	if rate == nil {
		return nil, false
	}
	var out bytes.Buffer
	stack, headed, mapped := "", false, false
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	lines.Scan()
	for lines.Scan() {
		line := lines.Text()
		counts := jemallocCounts.FindStringSubmatch(line)
		switch {
		case mapped || strings.HasPrefix(line, "MAPPED_LIBRARIES:"):
			mapped = true
			fmt.Fprintln(&out, line)
		case counts != nil && !headed:
			headed = true
			fmt.Fprintf(&out, "%s heap_v2/%s\n", fullHead, rate[1])
		case strings.HasPrefix(line, "@"):
			stack = line
		case counts != nil && stack != "":
			fmt.Fprintf(&out, "%s %s\n", counts[1], stack)
			stack = ""
		}
	}
	return out.Bytes(), headed
}

// fullHead begins a head by which package profile reads all four columns. It goes by the totals in
// the head whether there are that many, and leaves two out while nothing has been freed.
const fullHead = "heap profile: 0: 0 [1: 1] @"

var everyHead = regexp.MustCompile(`^heap profile:[^@\n]*@ heapprofile\b`)

// plainText returns a profile that is a text with all that it has to be read, and whether it is one.
func plainText(text []byte) ([]byte, bool) {
	if converted, ok := fromJemalloc(text); ok {
		return converted, true
	}
	if head := everyHead.Find(text); head != nil {
		return append([]byte(fullHead+" heapprofile"), text[len(head):]...), true
	}
	return text, bytes.HasPrefix(text, []byte("heap profile:"))
}
