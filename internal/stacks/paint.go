package stacks

import "encoding/binary"

// word is the size of a machine word, in bytes.
const word = 8

// leastPaint is how many words at the bottom of a stack must be the same for it to be painted, and
// not full: half a KiB.
const leastPaint = 64

// run returns how many bytes at the beginning of text are the word repeated, in whole words.
func run(text []byte, of uint64) int {
	n := 0
	for n+word <= len(text) && binary.NativeEndian.Uint64(text[n:]) == of {
		n += word
	}
	return n
}
