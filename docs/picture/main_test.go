package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The picture shows what the reports of today look like, and the run that it says it shows.
func TestThePictureIsOfTodaysReport(t *testing.T) {
	var got bytes.Buffer
	require.NoError(t, draw(&got, "run"))
	want, err := os.ReadFile("../report.svg")
	require.NoError(t, err)
	require.Equal(t, string(want), got.String(), "run `make picture`")

	for d := xml.NewDecoder(&got); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
	}
}
