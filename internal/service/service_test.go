package service

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTailHasTheCauseOfAnEnd(t *testing.T) {
	served := strings.Repeat(`{"level":"INFO","msg":"served","path":"/pets/1","duration":0.003174242}`+"\n", 40)
	stack := "\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:7 +0x1d\n" + strings.Repeat("goroutine 2 [select]:\nnet/http.serve()\n", 200) + "exit status 2\n"
	for _, row := range []struct {
		name, said string
		want       []string // the lines
	}{
		{"nothing", "", nil},
		{"a line", "no configuration\n", []string{"no configuration"}},
		{"a line after long ones", served + "out of memory\n", []string{`{"level":"INFO","msg":"served","path":"/pets/1","duration":0.003174242}`, `{"level":"INFO","msg":"served","path":"/pets/1","duration":0.003174242}`, "out of memory"}},
		{"a panic after long lines", served + "panic: I die\n", []string{"panic: I die"}},
		{"a Go program's panic, and stacks after it", served + "panic: I die\n" + stack,
			[]string{"panic: I die", "goroutine 2 [select]:", "net/http.serve()", "goroutine 2 [select]:", "net/http.serve()", "exit status 2"}},
		{"a fatal error of its runtime", "fatal error: concurrent map writes\n" + stack,
			[]string{"fatal error: concurrent map writes", "goroutine 2 [select]:", "net/http.serve()", "goroutine 2 [select]:", "net/http.serve()", "exit status 2"}},
		{"a very long last line", "a\n" + strings.Repeat("x", 300), []string{strings.Repeat("x", 300)}},
	} {
		s := &Service{tail: func() []byte { return []byte(row.said) }}
		got := strings.TrimPrefix(s.Tail(), "; it said last:\n    ")
		if row.want == nil {
			require.Empty(t, got, row.name)
			continue
		}
		var lines []string
		for _, line := range strings.Split(got, "\n    ") {
			lines = append(lines, strings.TrimSpace(line))
		}
		require.Equal(t, row.want, lines, row.name)
	}
}

func TestBriefLeavesRoomForTheCause(t *testing.T) {
	require.Equal(t, "./svc -addr :80", (&Service{Name: "./svc -addr :80"}).Brief())
	require.Equal(t, strings.Repeat("é", 59)+"…", (&Service{Name: strings.Repeat("é", 300)}).Brief())
}
