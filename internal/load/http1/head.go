package http1

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"

	"github.com/valyala/fasthttp"

	"brrtload/internal/load/hit"
)

// maxInterim bounds the 1xx answers before the one that counts.
const maxInterim = 8

var (
	errLargeHead = fmt.Errorf("the header of the answer is larger than %d KiB", hit.MaxHeader>>10)
	errInterim   = fmt.Errorf("more than %d answers with a 1xx status before the one that counts", maxInterim)
)

// unsound is an answer that is not HTTP/1.1.
type unsound struct{ why error }

func (u unsound) Error() string { return fmt.Sprintf("the answer is not sound HTTP/1.1: %v", u.why) }

// readHead reads the head of the answer that counts, past those with a 1xx status, into h. It
// returns the head's text, valid until the next read. Lines may end with a line feed alone, and a
// Content-Length may be repeated, as net/http has it.
func readHead(r *bufio.Reader, h *fasthttp.ResponseHeader) ([]byte, error) {
	for range maxInterim + 1 {
		head, err := awaitHead(r)
		if err != nil {
			return nil, err
		}
		if err := parseHead(r, head, h); err != nil {
			return nil, unsound{err}
		}
		if status := h.StatusCode(); status < 100 || status > 199 || status == fasthttp.StatusSwitchingProtocols {
			return head, nil
		}
	}
	return nil, errInterim
}

// parseHead parses a whole head and takes it out of the reader.
func parseHead(r *bufio.Reader, head []byte, h *fasthttp.ResponseHeader) error {
	var refused error
	if bytes.HasSuffix(head, ending) { // without it, fasthttp would wait for more
		if refused = h.Read(r); refused == nil {
			return nil
		}
	}
	if err := parseCleaned(head, h, refused); err != nil {
		return err
	}
	_, err := r.Discard(len(head))
	return err
}

// awaitHead waits for a whole head, which stays in the reader. It fails as soon as what comes is
// not HTTP.
func awaitHead(r *bufio.Reader) ([]byte, error) {
	for {
		text, _ := r.Peek(r.Buffered())
		if end := headEnd(text); end > 0 {
			return text[:end], nil
		}
		line, _, whole := bytes.Cut(text, newline)
		foreign := len(text) >= len(protocol) && !bytes.HasPrefix(text, protocol)
		if foreign || whole && !isStatusLine(line) {
			return nil, unsound{fmt.Errorf("its first line is %.60q", line)}
		}
		if _, err := r.Peek(len(text) + 1); errors.Is(err, bufio.ErrBufferFull) {
			return nil, errLargeHead
		} else if err != nil {
			return nil, err
		}
	}
}

var (
	newline   = []byte("\n")
	ending    = []byte("\r\n\r\n")
	blank     = []byte("\n\r\n")
	bareBlank = []byte("\n\n")
	protocol  = []byte("HTTP/")
)

// headEnd returns where the head ends, after its empty line; 0 when there is none yet.
func headEnd(text []byte) int {
	end := bytes.Index(text, blank)
	if end >= 0 {
		text = text[:end]
		end += len(blank)
	}
	if bare := bytes.Index(text, bareBlank); bare >= 0 {
		end = bare + len(bareBlank)
	}
	return max(end, 0)
}

// isStatusLine reports whether a line begins as a status line does: "HTTP/1.1 200".
func isStatusLine(line []byte) bool {
	version, rest, _ := bytes.Cut(line, []byte(" "))
	status, _, _ := bytes.Cut(bytes.TrimRight(rest, "\r"), []byte(" "))
	if len(status) != 3 || !bytes.HasPrefix(version, protocol) {
		return false
	}
	return !bytes.ContainsFunc(status, func(r rune) bool { return r < '0' || r > '9' })
}

// parseCleaned parses a head that fasthttp refused, with proper ends of lines and without
// repetitions of the same length. When that does not help it returns why fasthttp refused the head.
func parseCleaned(head []byte, h *fasthttp.ResponseHeader, refused error) error {
	var clean, length []byte
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, "\r\n")
		name, value, ok := bytes.Cut(line, []byte(":"))
		if ok && bytes.EqualFold(name, []byte("Content-Length")) {
			value = bytes.TrimSpace(value)
			if length != nil && bytes.Equal(length, value) {
				continue
			}
			length = value
		}
		clean = append(append(clean, line...), "\r\n"...)
	}
	err := h.Read(bufio.NewReaderSize(bytes.NewReader(clean), len(clean)+16))
	if err == nil {
		return nil
	}
	refused = cmp.Or(refused, err)
	for inner := errors.Unwrap(refused); inner != nil; inner = errors.Unwrap(inner) {
		refused = inner // the outer ones quote the whole buffer
	}
	return refused
}

// closes reports whether the head itself says that the connection ends with the answer. fasthttp
// takes an answer without a length for one that lasts until the end of the connection, also when it
// has no body at all.
func closes(head []byte) bool {
	old := bytes.HasPrefix(head, []byte("HTTP/1.0"))
	for line := range bytes.Lines(head) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || !bytes.EqualFold(name, []byte("Connection")) {
			continue
		}
		for token := range bytes.SplitSeq(value, []byte(",")) {
			switch token = bytes.TrimSpace(token); {
			case bytes.EqualFold(token, []byte("close")):
				return true
			case bytes.EqualFold(token, []byte("keep-alive")):
				old = false
			}
		}
	}
	return old
}
