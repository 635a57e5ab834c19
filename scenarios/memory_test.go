package scenarios

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestMemoryIsWrittenInTwoWays(t *testing.T) {
	for text, want := range map[string]Memory{
		"heaptrack":                         {Tool: Heaptrack},
		"{tool: dhat}":                      {Tool: DHAT},
		"pprof":                             {Tool: Pprof},
		"{tool: massif}":                    {Tool: Massif},
		"{tool: pprof, url: /debug/heap?a}": {Tool: Pprof},
	} {
		s, err := Load(fstest.MapFS{"s.yaml": {Data: []byte("memory: " + text +
			"\ntarget: {command: [shop], url: 'http://127.0.0.1:1'}\nstages: [{rate: 1, duration: 1s}]\nrequests: [{get: /}]\n")}}, "s.yaml")
		require.NoError(t, err, text)
		require.Equal(t, want.Tool, s.Memory.Tool, text)
		require.Equal(t, 1, s.Memory.At.Line)
		require.Equal(t, want.Tool != Pprof, s.Memory.Tool.Wraps())
	}
}

func TestMistakesInMemory(t *testing.T) {
	for _, row := range []struct{ target, memory, want string }{
		{"{bundled: {}}", "heaptrak", `s.yaml:2:9: want pprof, heaptrack, dhat, massif, got "heaptrak"; did you mean "heaptrack"?`},
		{"{bundled: {}}", "{tool: prof}", `s.yaml:2:16: want pprof, heaptrack, dhat, massif, got "prof"; did you mean "pprof"?`},
		{"{bundled: {}}", "{tol: pprof}", `s.yaml:2:10: unknown field "tol"; did you mean "tool"?`},
		{"{bundled: {}}", "{url: /x}", `s.yaml:2:9: missing field "tool"`},
		{"{bundled: {}}", "[pprof]", "s.yaml:2:9: want a mapping, got a list"},
		{"{bundled: {}}", "dhat", "s.yaml:2:9: dhat does not see the allocations of a Go program, which the bundled service is; use pprof"},
		{"{url: 'http://127.0.0.1:1'}", "massif", `s.yaml:2:9: massif starts the program that it looks at: give the target a "command"`},
		{"{url: 'http://127.0.0.1:1', command: [shop]}", "{tool: dhat, url: /x}", `s.yaml:2:27: "url" belongs to pprof; dhat writes a file`},
		{"{url: 'http://127.0.0.1:1', metrics: none}", "pprof", "s.yaml:2:9: profiles are fetched where the metrics are, and this target has none"},
		{"{bundled: {}}", "{tool: pprof, url: heap}", "s.yaml:2:28: want a URL like"},
		{"{bundled: {}}", "{tool: pprof, url: '/heap#a'}", "s.yaml:2:29: a URL that is fetched has no fragment"},
	} {
		_, err := Load(fstest.MapFS{"s.yaml": {Data: []byte("target: " + row.target + "\nmemory: " + row.memory +
			"\nstages: [{rate: 1, duration: 1s}]\nrequests: [{get: /}]\n")}}, "s.yaml")
		require.ErrorContains(t, err, row.want, row.memory)
	}
}
