package memory

import (
	"strconv"
	"strings"
)

// valgrindFrame reads a frame as valgrind writes it: "0x1234: f (dir/f.c:12)", "0x1234: f (in MODULE)"
// or "0x1234: ??? (in MODULE)". The crate dhat of Rust has a column after the line.
func valgrindFrame(text string) frame {
	address, rest, found := strings.Cut(text, ": ")
	if !found {
		return frame{function: text}.judged()
	}
	f := frame{function: rest}
	if i := strings.LastIndex(rest, " ("); i >= 0 && strings.HasSuffix(rest, ")") {
		where := rest[i+2 : len(rest)-1]
		if module, is := strings.CutPrefix(where, "in "); is {
			f.function, f.module = rest[:i], module
		} else if file, line, is := placed(where); is {
			f.function, f.file, f.line = rest[:i], file, line
		}
	}
	if f.function == "???" {
		f.function, f.address = "", "@"+address
	}
	return f.judged()
}

// placed reads FILE:LINE or FILE:LINE:COLUMN.
func placed(text string) (file string, line int, ok bool) {
	var last int
	for range 2 {
		i := strings.LastIndexByte(text, ':')
		if i < 0 {
			break
		}
		n, err := strconv.ParseInt(text[i+1:], 10, 32)
		if err != nil || n < 0 {
			break
		}
		text, last, ok = text[:i], int(n), true
	}
	return text, last, ok
}
