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

func TestBeginning(t *testing.T) {
	text := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n\nb\n\nc\n\nd\n\ne\n\nf\n"
	require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "…", "", "b", "", "c", "", "d", "", "e", "…"}, beginning(text))
}
