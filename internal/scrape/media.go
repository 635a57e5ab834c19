package scrape

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"slices"

	"brrtload/internal/diag"
)

// The media types of expositions.
const (
	protobufType    = "application/vnd.google.protobuf"
	openMetricsType = "application/openmetrics-text"
	textType        = "text/plain"
)

// mediaType returns the exposition format, or says what the answer is instead.
func mediaType(contentType string) (string, error) {
	if contentType == "" {
		return "", errors.New("the answer has no Content-Type; Prometheus 3 refuses it too. Text must be text/plain; version=0.0.4")
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", fmt.Errorf("content type %q: %w", diag.Printable(contentType), err)
	}
	switch media {
	case protobufType, openMetricsType, textType:
		return media, nil
	}
	return "", fmt.Errorf("content type %q is not an exposition; is this the metrics endpoint?",
		diag.Printable(contentType))
}

// whole refuses text that the parser would take for complete though it is not: it stops without an
// error at a NUL, and it adds the line feed that the last line must have, so that a number cut in
// two would pass for another one. The body comes back with room for that line feed, so that the
// parser works on it and not on a copy.
func whole(body []byte) ([]byte, error) {
	if i := bytes.IndexByte(body, 0); i >= 0 {
		return nil, fmt.Errorf("line %d: a NUL byte", 1+bytes.Count(body[:i], []byte{'\n'}))
	}
	if n := len(body); n > 0 && body[n-1] != '\n' && !bytes.HasSuffix(body, []byte("# EOF")) {
		return nil, fmt.Errorf("line %d: the last line has no line feed: the exposition was cut short",
			1+bytes.Count(body, []byte{'\n'}))
	}
	return slices.Grow(body, 1), nil
}

// unversioned reports whether the answer is text that does not say of which version.
func unversioned(contentType string) bool {
	media, parameters, err := mime.ParseMediaType(contentType)
	return err == nil && media == textType && parameters["version"] == ""
}
