package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"brrtload/reports"
)

// hash returns a text's place in a content security policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// pack returns the report as its JSON has it, which is what the page shows, and that JSON,
// compressed, in characters that mean nothing in HTML.
func pack(r reports.Report) (reports.Report, string, error) {
	var plain, compact, packed bytes.Buffer
	if err := reports.JSON(&plain, r); err != nil {
		return r, "", err
	}
	var shown reports.Report
	if err := json.Unmarshal(plain.Bytes(), &shown); err != nil {
		return r, "", err
	}
	if err := json.Compact(&compact, plain.Bytes()); err != nil {
		return r, "", err
	}
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return r, "", err
	}
	if _, err := compact.WriteTo(writer); err != nil {
		return r, "", err
	}
	if err := writer.Close(); err != nil {
		return r, "", err
	}
	return shown, base64.RawURLEncoding.EncodeToString(packed.Bytes()), nil
}
