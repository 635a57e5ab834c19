package formats

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/internal/hostile"
	"brrtload/reports"
	"brrtload/reports/internal/sample"
)

// formatFiles names the file of every format.
func formatFiles() []string {
	var names []string
	for _, f := range All() {
		names = append(names, f.File)
	}
	return names
}

func TestWriteThenReadGivesTheSameReport(t *testing.T) {
	dir := t.TempDir()
	written, err := Write(dir, sample.Run())
	require.NoError(t, err)
	require.Equal(t, formatFiles(), written)

	want := sample.Run()
	want.Directory = dir
	want.Files = slices.Sorted(slices.Values(append(formatFiles(), sample.Run().Files...)))
	got, err := reports.Read(dir)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(want, got, cmpopts.EquateNaNs()))
	require.NotContains(t, sample.Run().Files, "report.md", "Write leaves the caller's list alone")
}

func TestWriteLeavesNoHalfFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "report.md"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "report.md", "in the way"), nil, 0o644))
	written, err := Write(dir, sample.Run())
	require.EqualError(t, err, "write markdown report "+filepath.Join(dir, "report.md")+": file exists")
	others := slices.DeleteFunc(formatFiles(), func(name string) bool { return name == "report.md" })
	require.Equal(t, others, written, "the others are there")
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestReadRefuses(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"another version", `{"version": 99, "checks": "of another shape"}`, "version 99, and this brrtload reads version 1"},
		{"no version", `{}`, "version 0"},
		{"half a file", `{"version": 1, "verd`, "unexpected end of JSON input"},
		{"an unknown verdict", `{"version": 1, "verdict": "splendid"}`, `unknown verdict "splendid"`},
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, reports.ResultFile), []byte(row.text), 0o644))
		_, err := reports.Read(dir)
		require.ErrorContains(t, err, row.want, row.name)
		require.ErrorContains(t, err, reports.ResultFile)
	}
	_, err := reports.Read(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestResultFitsTheSchema(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(reports.Schema()))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource("mem:///result.schema.json", document))
	compiled, err := compiler.Compile("mem:///result.schema.json")
	require.NoError(t, err)

	infinite := sample.Run()
	infinite.Checks[0].Findings[0].Measured = sample.Figure(math.Inf(1))
	for name, r := range map[string]reports.Report{"the sample": sample.Run(), "an empty report": {}, "a hostile one": sample.Hostile(hostile.Texts[0]), "an infinite one": infinite} {
		var out bytes.Buffer
		require.NoError(t, reports.JSON(&out, r))
		instance, err := jsonschema.UnmarshalJSON(&out)
		require.NoError(t, err)
		require.NoError(t, compiled.Validate(instance), name)
	}
	require.Error(t, compiled.Validate(map[string]any{"version": 1.0}))
}

func TestFiguresThatJSONCannotHoldAreLeftOut(t *testing.T) {
	r := sample.Run()
	r.Checks[0].Findings[0].Measured = sample.Figure(math.Inf(1))
	r.Checks[0].Findings[0].Margin = sample.Figure(math.NaN())
	r.Requests[0].Rate = math.NaN()
	var out bytes.Buffer
	require.NoError(t, reports.JSON(&out, r))
	var got reports.Report
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	require.Nil(t, got.Checks[0].Findings[0].Measured)
	require.Nil(t, got.Checks[0].Findings[0].Margin)
	require.Equal(t, r.Checks[0].Findings[0].Limit, got.Checks[0].Findings[0].Limit)
	require.Zero(t, got.Requests[0].Rate)
	require.Len(t, got.Notes, 2)
	require.True(t, math.IsInf(*r.Checks[0].Findings[0].Measured, 1), "the caller's report is left alone")
	require.Len(t, r.Notes, 1)
}

func TestWriteFileKeepsWhatIsNotAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	got := make(chan []byte)
	go func() {
		text, err := os.ReadFile(path)
		assert.NoError(t, err)
		got <- text
	}()
	require.NoError(t, WriteFile(path, reports.Format{Name: "x", Write: func(w io.Writer, _ reports.Report) error {
		_, err := io.WriteString(w, "through the pipe")
		return err
	}}, sample.Run()))
	require.Equal(t, "through the pipe", string(<-got))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeNamedPipe, "it is still there")
}
